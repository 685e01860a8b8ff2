# shellcheck shell=bash
# How PostgreSQL names the parts of its log, its segments.

segment_size=$((16 << 20))
# A part of the log is named as its file. All of one timeline's 4 GiB are in one folder.
log_part='^[0-9A-F]{8}(\.history|[0-9A-F]{16}(\.partial|\.[0-9A-F]{8}\.backup)?)$'
folder_of() { case $1 in *.history) echo history ;; *) echo "${1:0:16}" ;; esac }

# A place is what a segment's name has after the timeline: sixteen digits.
# place_of LSN: of the segment that it is in: the last sixteen digits of its name.
place_of() { printf '%08X%08X' "$((16#${1%/*}))" "$((16#${1#*/} / segment_size))"; }
# place_before PLACE: of the segment before: the last sixteen digits of its name. 256 segments of 16 MiB have one number
# in front.
place_before() {
  printf '%08X%08X' \
    $((16#${1:8} == 0 ? 16#${1:0:8} - 1 : 16#${1:0:8})) $((16#${1:8} == 0 ? 255 : 16#${1:8} - 1))
}
