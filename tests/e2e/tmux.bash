# shellcheck shell=bash
# A real terminal for the console, behind `load lib`: what runs in it, what it shows.

in_tmux() {
	TMUX_SOCK=$SITE/tmux
	# A program whose terminal has gone cannot look for leaks: it would try for ever.
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 \
		tmux -S "$TMUX_SOCK" -f /dev/null new-session -d -x "$1" -y "$2" -s t "sh" 3>&-
	shift 2
	tmux -S "$TMUX_SOCK" set -g status off
	tmux -S "$TMUX_SOCK" send-keys -t t "PS1='ready> '; clear; stty -a >$SITE/stty.before; $*" Enter
}

# Takes the terminal away from what runs in it and sees it end.
close_tmux() {
	local shell pid pids
	shell=$(tmux -S "$TMUX_SOCK" display -p -t t '#{pane_pid}' 2>/dev/null) || return 0
	pids=$(pgrep -P "$shell" || true)
	tmux -S "$TMUX_SOCK" kill-server 2>/dev/null || true
	for pid in $pids; do
		wait_until process_gone "$pid" || kill -s KILL "$pid"
	done
}

process_gone() {
	! kill -0 "$1" 2>/dev/null
}

screen_has() {
	tmux -S "$TMUX_SOCK" capture-pane -p -t t | grep -qF -- "$1"
}

screen_lacks() {
	! screen_has "$1"
}
