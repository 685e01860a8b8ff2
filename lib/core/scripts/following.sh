# shellcheck shell=bash
# For engines that have not parted the two yet.
. "$scripts/lag.sh"
. "$scripts/follow.sh"
