#!/bin/sh
# Runs a command as in a container of ours, as root: user 10001 without rights, home or environment, and
# nothing to write to but /tmp.
#   as_container.sh FOLDER NAME=VALUE... COMMAND...      FOLDER is at /mnt/run
# PLACES, of the environment: folders that Python needs, with colons between, which are at /mnt/1, ...
set -eu
folder=$1
shift
export folder
exec unshare --mount --propagation private sh -euc '
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/run && mount --bind "$folder" /mnt/run
    number=0
    IFS=:
    for place in $PLACES; do
        number=$((number + 1))
        mkdir "/mnt/$number" && mount --bind "$place" "/mnt/$number"
    done
    unset IFS
    while read -r _ place _; do
        case $place in
        /proc* | /sys* | /dev*) ;;
        *) [ ! -e "$place" ] || mount -o bind,ro,remount "$place" ;;
        esac
    done < /proc/self/mounts
    for place in /tmp /dev/shm; do mount -t tmpfs -o noexec,nosuid,nodev,size=256m tmpfs $place; done
    cd /tmp
    exec setpriv --reuid=10001 --regid=10001 --clear-groups --inh-caps=-all --no-new-privs \
        env --ignore-environment "$@"
' sh "$@"
