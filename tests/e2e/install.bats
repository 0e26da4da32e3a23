#!/usr/bin/env bats
# make install: what is where, and the installed programs find their texts and profiles.
load lib

setup() {
	site_setup
	unset PILED_PROFILES
	case $PILED_BUILD in
	"$TOP/build") ;;
	*) skip "only the build that is shipped" ;;
	esac
	make -s -C "$TOP" install DESTDIR="$SITE/root" >/dev/null
	PREFIX=$SITE/root/usr/local
}

teardown() {
	site_teardown
}

@test "programs, pages, texts, profiles, unit and completion are installed" {
	for p in piled piletop pilesim; do
		[ -x "$PREFIX/bin/$p" ]
	done
	for role in viewer operator cashier admin; do
		grep -q "^g piled-$role " "$PREFIX/lib/sysusers.d/piled.conf"
	done
	[ "$(readlink "$PREFIX/bin/piled-shell")" = piled ]
	for page in "$TOP"/man/*.[1-8]; do
		[ -f "$PREFIX/share/man/man${page##*.}/${page##*/}" ]
	done
	for page in "$TOP"/man/zh_CN/*.[1-8]; do
		[ -f "$PREFIX/share/man/zh_CN/man${page##*.}/${page##*/}" ]
	done
	[ -f "$PREFIX/share/locale/zh_CN/LC_MESSAGES/piled.mo" ]
	[ -f "$PREFIX/share/piled/profiles/sim-dc.yaml" ]
	[ -f "$PREFIX/share/bash-completion/completions/piled" ]
	grep -q '^ExecStart=/usr/local/bin/piled run' "$PREFIX/lib/systemd/system/piled.service"
	grep -q '^Subsystem piled /usr/local/bin/piled attach$' "$SITE/root/etc/ssh/sshd_config.d/piled.conf"
	grep -q '^u piled ' "$PREFIX/lib/sysusers.d/piled.conf"
}

@test "man finds the pages of both languages, and Chinese lines break at 80 columns" {
	command -v man >/dev/null || skip "no man"
	[ -f /usr/share/i18n/locales/zh_CN ] || skip "no locales to make a Chinese one of"
	mkdir "$SITE/locale"
	localedef -i zh_CN -f UTF-8 "$SITE/locale/zh_CN.UTF-8"
	for page in "$TOP"/man/*.[1-8]; do
		name=${page##*/}
		LOCPATH=$SITE/locale LC_ALL=zh_CN.UTF-8 MANPATH=$PREFIX/share/man MANWIDTH=80 timeout 60 \
			man "${name##*.}" "${name%.*}" >"$SITE/page" 2>"$SITE/errors"
		grep -qP '[\x{4e00}-\x{9fff}]' "$SITE/page"
		[ ! -s "$SITE/errors" ]
		LC_ALL=C.UTF-8 MANPATH=$PREFIX/share/man man "${name##*.}" "${name%.*}" >"$SITE/page"
		grep -q '^DESCRIPTION' "$SITE/page"
	done
}

@test "sshd takes the installed snippet" {
	ssh-keygen -q -t ed25519 -N '' -f "$SITE/host"
	{
		echo "HostKey $SITE/host"
		cat "$SITE/root/etc/ssh/sshd_config.d/piled.conf"
	} >"$SITE/sshd_config"
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	/usr/sbin/sshd -T -f "$SITE/sshd_config" -C user=root,host=x,addr=1.2.3.4 >"$SITE/effective"
	grep -q '^subsystem piled /usr/local/bin/piled attach$' "$SITE/effective"
	grep -q '^permittty yes$' "$SITE/effective"
}

@test "nothing installed depends on the source tree" {
	run grep -rlF "$TOP" "$PREFIX/lib" "$PREFIX/share"
	[ "$status" -eq 1 ]
}

@test "the unit keeps the agent locked in" {
	sed "s,/usr/local/bin/piled,/bin/true,g" "$PREFIX/lib/systemd/system/piled.service" >"$SITE/piled.service"
	systemd-analyze verify --man=no "$SITE/piled.service"
	systemd-analyze security --offline=true --threshold=25 "$SITE/piled.service" >/dev/null
}
