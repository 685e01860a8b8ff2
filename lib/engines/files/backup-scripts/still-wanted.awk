# still-wanted.awk HAD WANTED: of WANTED, `MD5 SIZE PATH`, what is not in HAD, an MD5 a line.
FILENAME == ARGV[1] { had[$1]; next }
!($1 in had) { put($0) }
