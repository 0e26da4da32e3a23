#!/usr/bin/env bats
# A site that an administrator sets up from piled(8) and that others work at from their desks: real
# accounts, groups, login shell and sshd. The machine stays as it is: /etc, /usr/local, /home, /run
# and /var are the test's own in a mount namespace.
load lib

setup() {
	[ "$(id -u)" -eq 0 ] || skip "needs root for accounts"
	case $PILED_BUILD in
	"$TOP/build") ;;
	*) skip "only the build that is shipped" ;;
	esac
	unshare -m true 2>/dev/null || skip "needs a mount namespace"
	site_setup
	unset PILED_SOCKET PILED_PROFILES SSH_AUTH_SOCK
	SSH=$SITE/ssh
	mkdir -p "$SSH" "$SITE/own"
	chmod 0711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$SITE" "$SITE/own"
	make -s -C "$TOP" install DESTDIR="$SITE/own/root" >/dev/null
	machine
}

teardown() {
	[ -z "${SITE-}" ] || site_teardown
}

# machine: a fresh one, with what `make install` brings.
machine() {
	local own=$SITE/own
	cp -a /etc "$own/etc"
	rm -f "$own"/etc/ssh/ssh_host_*
	mkdir -p "$own/etc/ssh/sshd_config.d" "$own/home" "$own/run/sshd" "$own/lib" "$own/log"
	cp "$own"/root/etc/ssh/sshd_config.d/piled.conf "$own/etc/ssh/sshd_config.d/"
	spawn machine unshare -m --propagation private sh -c "
		mount --bind $own/etc /etc && mount --bind $own/root/usr/local /usr/local &&
		mount --bind $own/home /home && mount --bind $own/run /run &&
		mount --bind $own/lib /var/lib && mount --bind $own/log /var/log &&
		echo ready && exec tail -f /dev/null"
	wait_until grep -q ready "$SITE/machine.log"
}

# on_site COMMAND...: as root on that machine.
on_site() {
	nsenter -t "$(cat "$SITE/machine.pid")" -m env -u LC_ALL -u LANG PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"
}

# The agent as the unit starts it: by its own user, with its folders made.
start_installed() {
	on_site systemd-sysusers /usr/local/lib/sysusers.d/piled.conf
	start_sim --calm --no-arrivals
	on_site mkdir -p /etc/piled /run/piled /var/lib/piled
	on_site chown piled:piled /run/piled /var/lib/piled
	sed "s/127\.0\.0\.1:15020/127.0.0.1:$PORT/" "$TOP/agent/examples/demo.yaml" >"$SITE/own/etc/piled/piled.yaml"
	spawn piled nsenter -t "$(cat "$SITE/machine.pid")" -m setpriv --reuid piled --regid piled --init-groups \
		/usr/local/bin/piled run --config /etc/piled/piled.yaml --data /var/lib/piled --socket /run/piled/piled.sock
	wait_until on_site piled status
}

# sshd as it is installed, but for port and address.
start_sshd() {
	on_site ssh-keygen -A >/dev/null
	on_site sshd -t
	while :; do
		SSH_PORT=$((20000 + RANDOM % 20000))
		spawn sshd nsenter -t "$(cat "$SITE/machine.pid")" -m /usr/sbin/sshd -D -e -p "$SSH_PORT" \
			-o ListenAddress=127.0.0.1 -o PidFile=none
		wait_until settled
		! grep -q 'Cannot bind' "$SITE/sshd.log" || continue
		break
	done
	alive sshd
	{
		printf '[127.0.0.1]:%s ' "$SSH_PORT"
		cut -d' ' -f1,2 "$SITE/own/etc/ssh/ssh_host_ed25519_key.pub"
	} >"$SSH/known_hosts"
	: >"$SSH/config"
	export PILED_SSH="ssh -F $SSH/config"
}

settled() {
	gone sshd || grep -q 'Server listening' "$SITE/sshd.log"
}

# key NAME USER: a person's; host NAME is the site with this key, by the account USER.
key() {
	local user=$2
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$SSH/$1"
	cat >>"$SSH/config" <<-END
		Host $1
		HostName 127.0.0.1
		Port $SSH_PORT
		User $user
		IdentityFile $SSH/$1
		IdentitiesOnly yes
		UserKnownHostsFile $SSH/known_hosts
	END
}

# may_log_in USER: the key of that name for the account of that name.
may_log_in() {
	on_site install -d -m 0700 -o "$1" -g "$1" "/home/$1/.ssh"
	cat "$SSH/$1.pub" >"$SITE/own/home/$1/.ssh/authorized_keys"
	on_site chown "$1:$1" "/home/$1/.ssh/authorized_keys"
}

audit() {
	on_site piled audit --json | gojq -r "$1"
}

@test "a colleague may look, another handles money; a stop by the first is refused and audited" {
	start_installed
	start_sshd
	# Colleagues with accounts of their own, as piled(8) gives them a role.
	on_site useradd -m -s /bin/bash anna
	on_site useradd -m -s /bin/bash bo
	on_site adduser --quiet anna piled-viewer
	on_site adduser --quiet bo piled-cashier
	key anna anna
	key bo bo
	may_log_in anna
	may_log_in bo
	[ "$(piled --host anna guns --json | gojq length)" -eq 24 ]
	run piled --host anna stop A1.1 --reason smoke
	[ "$status" -eq 1 ]
	[[ $output == *"needs the role operator"* ]]
	[ "$(audit '.[0] | [.person, .role, .method, .result] | join(" ")')" = 'anna viewer do denied' ]
	[[ "$(audit '.[0].origin')" == 'ssh 127.0.0.1 (claimed), pid '* ]]
	[[ "$(audit '.[0].params')" == *smoke* ]]
	run piled --host anna account open 'Li Wei'
	[ "$status" -eq 1 ]
	[[ $output == *"needs the role cashier"* ]]
	piled --host bo account open 'Li Wei'
	[ "$(audit '.[0] | [.person, .result] | join(" ")')" = 'bo ok' ]
	run piled --host bo stop A1.1 --reason smoke
	[ "$status" -eq 1 ]
	# Neither has a terminal there, nor a way on.
	run ssh -tt -F "$SSH/config" anna true
	[[ $output == *"PTY allocation request failed"* ]]
	run ssh -F "$SSH/config" -o ExitOnForwardFailure=yes -W 127.0.0.1:"$SSH_PORT" anna
	[ "$status" -ne 0 ]
	# The console by the subsystem.
	printf '%s\n' 'wait A1.1' settle w 'wait operator' >"$SITE/script"
	piletop --ssh-config "$SSH/config" --script "$SITE/script" --size 100x30 --lang en anna
	listens_only_sshd
}

# No process of the machine listens on a port but sshd; the simulated devices are not of it.
listens_only_sshd() {
	local ns pids
	ns=$(readlink "/proc/$(cat "$SITE/machine.pid")/ns/mnt")
	pids=$(for p in /proc/[0-9]*; do [ "$(readlink "$p/ns/mnt" 2>/dev/null)" != "$ns" ] || echo "pid=${p#/proc/},"; done)
	[ "$(wc -l <<<"$pids")" -ge 3 ]
	ss -ltunpH | grep -F -e "$pids" >"$SITE/open"
	cat "$SITE/open"
	[ "$(wc -l <"$SITE/open")" -eq 1 ]
	grep -q "127.0.0.1:$SSH_PORT .*sshd" "$SITE/open"
}

@test "a shared account: each key is a person, with the account's roles; none who has a shell" {
	start_installed
	start_sshd
	# As piled(8) has it.
	on_site useradd -r -m -s /usr/local/bin/piled-shell -G piled-operator ops
	on_site sh -c "echo 'attach_as: [ops, clerk]' >>/etc/piled/piled.yaml; piled reload"
	on_site useradd -m -s /bin/bash -G piled-operator clerk
	on_site piled reload
	key alice ops
	key bob ops
	key carol clerk
	key ops ops
	may_log_in ops
	{
		echo "restrict,command=\"piled attach --as alice\" $(cat "$SSH/alice.pub")"
		echo "restrict,command=\"piled attach --as bob\" $(cat "$SSH/bob.pub")"
	} >>"$SITE/own/home/ops/.ssh/authorized_keys"
	on_site install -d -m 0700 -o clerk -g clerk /home/clerk/.ssh
	echo "restrict,command=\"piled attach --as carol\" $(cat "$SSH/carol.pub")" >"$SITE/own/home/clerk/.ssh/authorized_keys"
	on_site chown clerk:clerk /home/clerk/.ssh/authorized_keys
	piled --host alice tag A1.1 --reason "cable damaged"
	[ "$(audit '.[0] | [.person, .role, .method, .result] | join(" ")')" = 'alice operator do ok' ]
	[[ "$(audit '.[0].origin')" == 'ssh 127.0.0.1 (claimed), account ops, pid '* ]]
	[[ "$(audit '.[0].params')" == *'cable damaged'* ]]
	piled --host bob untag A1.1
	[ "$(audit '.[0].person')" = bob ]
	[ "$(on_site piled commands A1.1 --json | gojq -r '[.[].by] | sort | join(" ")')" = 'alice bob' ]
	# A forced command stays what it is, whatever is asked for.
	ssh -F "$SSH/config" alice piled attach --as boss </dev/null | head -1 | grep -q '"hello"'
	[ "$(audit '[.[] | select(.person == "boss")] | length')" -eq 0 ]
	# With a shell its users could claim to be anybody.
	run piled --host carol tag A1.1 --reason x
	[ "$status" -ne 0 ]
	[[ $output == *attach_as* ]]
	[ "$(audit '.[0] | [.person, .method, .result] | join(" ")')" = 'clerk identify denied' ]
	# What the role does not allow is refused by name.
	run piled --host alice account open 'Li Wei'
	[ "$status" -eq 1 ]
	[ "$(audit '.[0] | [.person, .role, .result] | join(" ")')" = 'alice operator denied' ]
	# The login shell of the account talks to the agent and is no way on.
	[ "$(ssh -F "$SSH/config" ops piled guns --json | gojq length)" -eq 24 ]
	for line in 'sh' 'cat /etc/passwd' 'piled guns --host alice' 'piled guns --hos=alice'; do
		run ssh -F "$SSH/config" ops "$line"
		[ "$status" -ne 0 ]
	done
	# A console by a shared account.
	printf '%s\n' 'wait A1.1' settle / 'type A1.2' Enter t 'type noisy' Enter y 'wait service' >"$SITE/script"
	piletop --ssh-config "$SSH/config" --script "$SITE/script" --size 100x30 --lang en --write bob
	[ "$(audit '.[0].person')" = bob ]
	on_site piled audit verify
}
