/**
 * Looks at a machine and changes nothing: POSIX sh, since nothing else is surely there. Prints `name<TAB>value` lines, a
 * name several times where there are several. Parsed by preflight.ts.
 */
export const PREFLIGHT_SCRIPT = `
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
say() { printf '%s\\t%s\\n' "$1" "$2"; }

# A function is read whole before it runs: what it starts cannot take the rest of this script for its input.
look() {
if [ -r /etc/os-release ]; then
  (. /etc/os-release; say os.id "\${ID:-}"; say os.version "\${VERSION_ID:-}"; say os.name "\${PRETTY_NAME:-}")
fi
say machine "$(uname -m)"
say kernel "$(uname -r)"
say init "$(cat /proc/1/comm)"
[ -d /run/systemd/system ] && say systemd "$(systemctl --version | sed -n 's/^systemd \\([0-9]*\\).*/\\1/p')"
say uid "$(id -u)"
say virtual "$(systemd-detect-virt)"
say memory.kb "$(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
say swap.kb "$(sed -n 's/^SwapTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo)"
for directory in /usr/lib /var/lib; do
  say disk.kb "$directory $(df -Pk "$directory" | awk 'NR == 2 { print $4 }')"
done
say clock "$(date +%s)"
[ -e /run/systemd/timesync/synchronized ] && say clock.synchronized yes
say processors "$(nproc)"

# Who listens where: the inode of every listening socket, and the process that holds it.
awk '$4 == "0A" { print $2, $10 }' /proc/net/tcp /proc/net/tcp6 | while read -r where inode; do
  port=$((0x\${where##*:}))
  case $port in 80 | 443) ;; *) say listens "$port"; continue ;; esac
  owner=
  for link in /proc/[0-9]*/fd/*; do
    [ "$(readlink "$link")" = "socket:[$inode]" ] || continue
    pid=\${link#/proc/}; pid=\${pid%%/*}
    owner="$(cat "/proc/$pid/comm") $pid $(tr '\\0' ' ' <"/proc/$pid/cmdline" | cut -c1-200)"
    break
  done
  say listens "$port \${owner:-unknown 0}"
done

say apt "$(command -v apt-get)"
[ -n "$(dpkg --audit)" ] && say dpkg.interrupted yes
for package in haproxy nginx; do
  say package.installed "$package $(dpkg-query --show --showformat '\${Version}' "$package")"
  say package.offered "$package $(apt-cache policy "$package" | sed -n 's/^  Candidate: //p')"
done
uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* | sed -n -e 's/^deb \\(\\[[^]]*\\] \\)*\\(https*:[^ ]*\\).*/\\2/p' -e 's/^URIs: *\\(https*:[^ ]*\\).*/\\1/p' | head -n 1)
say apt.archive "$uri"
proxy=$(apt-config dump | sed -n 's/^Acquire::https*::Proxy "\\(.*\\)";/\\1/p' | head -n 1)
say apt.proxy "$proxy"
if [ -n "$uri" ] && [ -z "$proxy" ]; then
  scheme=\${uri%%:*}; rest=\${uri#*://}; host=\${rest%%/*}; port=80; [ "$scheme" = https ] && port=443
  case $host in *:*) port=\${host##*:}; host=\${host%%:*} ;; esac
  # The name is looked up and the port is knocked at; nothing is fetched.
  if timeout 8 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port"; then say apt.reached yes; else say apt.reached no; fi
fi

for program in docker podman containerd caddy apache2 nginx haproxy ufw firewalld fail2ban-server certbot; do
  command -v "$program" >/dev/null && say has "$program"
done
systemctl list-units --type=service --state=running --no-legend --plain --no-pager | awk '{ print $1 }' | while read -r unit; do
  say runs "$unit"
done

say berth.current "$(readlink /usr/lib/berth/current)"
for directory in /usr/lib/berth/[0-9]*; do [ -f "$directory/SHA256SUMS" ] && say berth.there "\${directory##*/}"; done
[ -e /var/lib/berth/journal.db ] && say berth.home yes
[ -e /usr/local/bin/berth ] && say berth.command "$(readlink -f /usr/local/bin/berth)"
[ -e /etc/systemd/system/berthd.service ] && say berth.unit "$(systemctl is-active berthd.service)"
say berth.installed "$(tr -d '\\n' </etc/berth/server.json)"
for pid in $(pgrep -f programs/daemon/main.ts); do
  grep -qs 'berthd\\.service' "/proc/$pid/cgroup" || say berth.stray "$pid"
done
say end yes
}
look </dev/null 2>/dev/null
`;
