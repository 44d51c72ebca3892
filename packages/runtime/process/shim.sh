#!/bin/sh
# The parent of one instance. It outlives the daemon, and writes down what the daemon would otherwise miss.
#   shim.sh hold DIR RUN …      claims the run, starts the program, writes its exit code
#   shim.sh start DIR RUN FILES PRIORITY GROUPS COMMAND…      becomes the program
# Each record is complete from the moment it exists (a link), and whoever makes it first has decided: that is why a run
# never happens twice, however many shims were started for it.
set -uf
umask 077
mode=$1 dir=$2 run=$3

publish() {
  printf '%s\n' "$2" >"$1.$$" || exit 74
  ln "$1.$$" "$1" 2>/dev/null || { rm -f "$1.$$"; [ -e "$1" ] && exit 75; echo "berth: cannot write $1" >&2; exit 74; }
  rm -f "$1.$$"
}

IFS= read -r self </proc/self/stat || exit 74
if [ "$mode" = hold ]; then
  publish "$dir/$run.shim" "$self"
  shift
  # Some shells print "Terminated" when a child is: not into the log of the program.
  exec 3>&2 2>/dev/null
  # In the foreground: a shell without job control lets what runs in the background ignore SIGINT and SIGQUIT.
  (exec setsid /bin/sh "$0" start "$@" 2>&3 3>&-)
  code=$?
  [ -e "$dir/$run.program" ] && printf '%s\n' "$code" >"$dir/$run.exit.$$" && mv "$dir/$run.exit.$$" "$dir/$run.exit"
  exit "$code"
fi

files=$4 priority=$5 groups=$6
IFS='
'
for group in $groups; do echo 0 >"$group/cgroup.procs" || exit 74; done
unset IFS
ulimit -n "$files" 2>/dev/null || ulimit -n "$(ulimit -H -n)"
if [ "$priority" = low ]; then
  ionice -c 3 -p "$$"
  echo 500 >/proc/self/oom_score_adj
fi
publish "$dir/$run.program" "$self"
shift 6
exec "$@"
