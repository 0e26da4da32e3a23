# bash completion for piled: commands and options come from the program's own help, which is printed
# from its table; guns and piles come from the agent.
_piled_help() {
	LC_ALL=C LANGUAGE=en "$@" --help 2>/dev/null
}

_piled_ids() {
	"$1" guns --json 2>/dev/null | grep -oE '"(id|pile)": *"[^"]*"' | cut -d '"' -f 4 | sort -u
}

_piled() {
	local program=$1 word=$2 previous=$3 first=${COMP_WORDS[1]} second=${COMP_WORDS[2]} words
	COMPREPLY=()
	case $previous in
	-c | --config | --data | --profiles | --socket | -s | --serial | --sessions | --load | --db | --key) return ;;
	--policy)
		mapfile -t COMPREPLY < <(compgen -W 'none admission fair admission+fair laxity' -- "$word")
		return
		;;
	esac
	local commands
	commands=$(_piled_help "$program" |
		sed -nE '/^Commands:/,/^$/s/^  ([a-z-]+( [a-z]+)?)(  .*)?$/\1/p')
	if ((COMP_CWORD > 2)) && grep -qx "$first $second" <<<"$commands"; then
		first="$first $second"
	fi
	if ((COMP_CWORD == 1)); then
		words=$(cut -d ' ' -f 1 <<<"$commands")
	elif [[ $word == -* ]]; then
		# shellcheck disable=SC2086
		words=$(_piled_help "$program" $first |
			sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p')
	else
		if ((COMP_CWORD == 2)); then
			words=$(sed -n "s/^$first \(.*\)/\1/p" <<<"$commands")
		fi
		# shellcheck disable=SC2086
		if [[ -z $words ]] && _piled_help "$program" $first | grep -qE '^usage: .*(GUN|PILE)'; then
			words=$(_piled_ids "$program")
		fi
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _piled piled
