# shellcheck shell=bash
# How the log of Redis and Valkey lies in the store, and how its parts are named.
#
# Their log is the primary's append-only file: a base, which is all data as it was at one moment, and increments, which
# are the commands since, with the second in which they were run (`aof-timestamp-enabled`). Whenever the server writes
# the file again, it first begins another increment, and what the increments before had made is then the new base.
# So a base with the increments after it is all that a restore takes, and what a backup is: the server is asked to
# write the file again, and the backup names the base of that.
#
#   log/BRANCH/incr/SEQ/OFFSET-LENGTH-SHA256.gz   a part of an increment: whole commands and whole transactions
#                       end-SIZE                  that increment was complete with so many bytes
#              base/SEQ-SECOND/OFFSET-LENGTH-SHA256   a part of the base that comes before the increment SEQ, and was
#                              complete-SIZE          begun in that second; the last to be sent
#
# A BRANCH is what one volume has written, and goes on for as long as the volume has all that the store has. Where it
# has something else (an older state of it was brought back, or a crash took bytes that were sent), another branch
# begins, with a base. Nothing is ever overwritten. The names have the sums of what is in them, before it was packed. A
# base is not: the server has done that.

batch=4 # parts that are sent at once
branch_pattern='^[0-9]{6}-[0-9a-f]{32}$'
part_pattern='^[0-9]{13}-[1-9][0-9]{0,12}-[0-9a-f]{64}(\.gz)?$'
sequence_pattern='^[0-9]{9}$'
base_pattern='^[0-9]{9}-[1-9][0-9]{9,10}$'

length_of() {
  local rest=${1#*-}
  printf '%s' "${rest%%-*}"
}
sum_of() {
  local rest=${1##*-}
  printf '%s' "${rest%.gz}"
}
