# all-of.awk LIST...: their entries, each once; but for remarks, as manifest.awk makes them.
!($0 in seen) || /^\(/ { seen[$0]; put($0) }
