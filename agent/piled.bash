# bash completion for piled: the words come from the program's own table.
_piled() {
	local word=$2 line
	COMPREPLY=()
	# "piled help --complete WORDS..." prints what may follow the words, one a line.
	while IFS= read -r line; do
		[[ $line != "$word"* ]] || COMPREPLY+=("$line")
	done < <("$1" help --complete -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -o default -F _piled piled
