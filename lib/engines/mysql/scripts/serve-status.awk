# serve-status.awk: tells everyone who connects to `port` this `line`, as serve-status.pl does. gawk listens for one
# connection at a time: who comes in between is refused, or cut off, and asks again.
BEGIN {
  PROCINFO["NONFATAL"] = 1
  family = "inet6" # and so inet4 too, but where the kernel has no IPv6
  while (failed < 10) {
    service = "/" family "/tcp/" port "/0/0"
    ERRNO = ""
    print line |& service # returns when somebody has connected
    if (ERRNO == "") {
      failed = 0
    } else {
      failed++
      why = ERRNO
      family = family == "inet6" ? "inet4" : "inet6"
    }
    close(service)
  }
  print "serve-status.awk: cannot listen on port " port ": " why >"/dev/stderr"
  exit 1
}
