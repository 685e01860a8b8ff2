# without.awk LIST PATHS: those of PATHS that are not in LIST.
FILENAME == ARGV[1] { is_there[$0]; next }
!($0 in is_there) { put($0) }
