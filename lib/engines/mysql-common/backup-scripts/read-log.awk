# Reads a file of the binary log of MySQL or MariaDB, as `od -An -v -tu1 -w4096` prints its bytes: there is no
# mysqlbinlog in MySQL's image. Of each event only the beginning is looked at.
#
#   read=head   the file's own beginning: `STAMP COUNT SET`: when it was begun, how many transactions were before it,
#               and which
#   read=any    `yes` as soon as there is a transaction
#   read=all    every transaction up to the first that is not in `limit` (a set), or that was committed after `until`
#               (microseconds of 1970, MySQL only, as MariaDB's log has no such time), or whose number is above `had`
#               (MariaDB only): lines of a word and a value, explained at its end
#
# With `copied`, a set, of which MySQL's log says nothing: what came with the copy that the server was made of
# (log-parts.sh).
#
# A set is as the server writes it: `UUID:1-5:7,UUID:1` (MySQL), or the last transaction of each server, `0-1-20,0-2-27`
# (MariaDB). Fails where this is no such file, and says why on stderr.

function fail(why) {
  failed = 1
  print why > "/dev/stderr"
  exit 1
}

# seek TO COUNT: so that the bytes from TO on are there, COUNT of them; 0 where the file has no so many.
function seek(to, count,   line) {
  while (at + held < to + count) {
    if ((getline line) <= 0) return 0
    if (at + held <= to) {
      at += held
      bytes = line
      held = length(line) / 4
    } else {
      if (to > at) { # what is before it is not needed any more
        bytes = substr(bytes, (to - at) * 4 + 1)
        held -= to - at
        at = to
      }
      bytes = bytes line
      held += length(line) / 4
    }
  }
  return 1
}
function byte(offset) { return substr(bytes, (offset - at) * 4 + 1, 4) + 0 }
function number(offset, count,   i, result) {
  result = 0
  for (i = count - 1; i >= 0; i--) result = result * 256 + byte(offset + i)
  return result
}
function uuid(offset,   i, text) {
  text = ""
  for (i = 0; i < 16; i++)
    text = text (i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "") sprintf("%02x", byte(offset + i))
  return text
}

# Sets: MySQL's as intervals, first[SERVER, N] to last[SERVER, N]; MariaDB's as seen["DOMAIN-SERVER"].
function add(server, number_,   n) {
  n = intervals[server]
  if (n > 0 && last[server, n] == number_ - 1) {
    last[server, n] = number_
    return
  }
  n = ++intervals[server]
  first[server, n] = last[server, n] = number_
}
function mysql_set(   names, count, i, j, k, server, text, all, from, to) {
  all = ""
  total = 0
  count = 0
  for (server in intervals) names[++count] = server
  for (i = 2; i <= count; i++)
    for (j = i; j > 1 && names[j - 1] > names[j]; j--) {
      server = names[j]; names[j] = names[j - 1]; names[j - 1] = server
    }
  for (i = 1; i <= count; i++) {
    server = names[i]
    # A few are out of order: those that committed while others were added.
    for (j = 2; j <= intervals[server]; j++) for (k = j; k > 1 && first[server, k - 1] > first[server, k]; k--) {
      from = first[server, k]; to = last[server, k]
      first[server, k] = first[server, k - 1]; last[server, k] = last[server, k - 1]
      first[server, k - 1] = from; last[server, k - 1] = to
    }
    text = server
    for (j = 1; j <= intervals[server]; j = k) {
      from = first[server, j]; to = last[server, j]
      for (k = j + 1; k <= intervals[server] && first[server, k] <= to + 1; k++)
        if (last[server, k] > to) to = last[server, k]
      text = text ":" (from == to ? from : from "-" to)
      total += to - from + 1
    }
    all = all (all == "" ? "" : ",") text
  }
  return all
}
function mariadb_set(   names, count, i, j, key, all, domain, domains) {
  all = ""
  total = 0
  count = 0
  for (key in seen) names[++count] = key
  for (i = 2; i <= count; i++)
    for (j = i; j > 1 && names[j - 1] > names[j]; j--) {
      key = names[j]; names[j] = names[j - 1]; names[j - 1] = key
    }
  for (i = 1; i <= count; i++) {
    domain = names[i]
    sub(/-.*/, "", domain)
    if (seen[names[i]] > domains[domain]) domains[domain] = seen[names[i]]
    all = all (all == "" ? "" : ",") names[i] "-" seen[names[i]]
  }
  for (domain in domains) total += domains[domain]
  return all
}
function set() { return mariadb ? mariadb_set() : mysql_set() }

function read_limit(   parts, servers, i, j, pieces, ends) {
  split(limit, servers, ",")
  for (i = 1; i in servers; i++) {
    if (servers[i] ~ /^[0-9]+-[0-9]+-[0-9]+$/) {
      split(servers[i], pieces, "-")
      most[pieces[1] "-" pieces[2]] = pieces[3] + 0
      continue
    }
    parts = split(servers[i], pieces, ":")
    for (j = 2; j <= parts; j++) {
      if (split(pieces[j], ends, "-") == 1) ends[2] = ends[1]
      allowed[pieces[1]] = allowed[pieces[1]] " " ends[1] "-" ends[2]
    }
  }
}
function is_allowed(server, number_,   ranges, i, ends) {
  if (mariadb) return server in most && number_ <= most[server]
  split(allowed[server], ranges, " ")
  for (i = 1; i in ranges; i++) {
    split(ranges[i], ends, "-")
    if (number_ >= ends[1] + 0 && number_ <= ends[2] + 0) return 1
  }
  return 0
}

# The transactions before this file.
function read_previous(offset, length_,   servers, n, i, count, server) {
  if (byte(offset + 7) != 0) fail("there are transactions with tags in it, which are not backed up")
  servers = number(offset, 8)
  offset += 8
  for (; servers > 0; servers--) {
    server = uuid(offset)
    count = number(offset + 16, 8)
    offset += 24
    for (i = 1; i <= count; i++) {
      n = ++intervals[server]
      first[server, n] = number(offset, 8)
      last[server, n] = number(offset + 8, 8) - 1
      offset += 16
    }
  }
}
function read_copied(   servers, parts, pieces, ends, i, j, n) {
  split(copied, servers, ",")
  for (i = 1; i in servers; i++) {
    parts = split(servers[i], pieces, ":")
    for (j = 2; j <= parts; j++) {
      if (split(pieces[j], ends, "-") == 1) ends[2] = ends[1]
      n = ++intervals[pieces[1]]
      first[pieces[1], n] = ends[1] + 0
      last[pieces[1], n] = ends[2] + 0
    }
  }
}
function read_list(offset,   count) {
  count = number(offset, 4) % 268435456
  offset += 4
  for (; count > 0; count--) {
    server = number(offset, 4) "-" number(offset + 4, 4)
    seen[server] = number(offset + 8, 8)
    offset += 16
  }
}

BEGIN {
  CONVFMT = OFMT = "%.0f" # all numbers are whole
  if (!seek(0, 4)) fail("it is empty")
  if (byte(0) == 253) fail("it is encrypted, and encrypted logs are not backed up")
  if (byte(0) != 254 || byte(1) != 98 || byte(2) != 105 || byte(3) != 110) fail("it is no binary log")
  if (limit != "") read_limit()
  position = 4
  while (seek(position, 19)) {
    time = number(position, 4)
    type = byte(position + 4)
    server_id = number(position + 5, 4)
    size = number(position + 9, 4)
    if (size < 19) fail("an event at " position " has no length")
    if (type == 15) {
      if (begun == "") begun = time
    } else if (type == 35) {
      if (!seek(position, size)) break
      read_previous(position + 19)
      read_copied()
      known = 1
    } else if (type == 163) {
      if (!seek(position, size)) break
      mariadb = 1
      read_list(position + 19)
      known = 1
    } else if (type == 164) {
      fail("it is encrypted, and encrypted logs are not backed up")
    } else if (type == 42) {
      fail("there are transactions with tags in it, which are not backed up")
    } else if (type == 33 || type == 162) {
      if (read == "any") {
        print "yes"
        exit
      }
      if (!seek(position, 80 < size ? 80 : size)) break
      if (mariadb) {
        server = number(position + 27, 4) "-" server_id
        gno = number(position + 19, 8)
        committed = ""
      } else {
        server = uuid(position + 20)
        gno = number(position + 36, 8)
        # A replica's log has the time of its own commit first, and then that of the primary's.
        original = position + (byte(position + 67) >= 128 ? 68 : 61)
        committed = number(original, 6) + byte(original + 6) % 128 * 281474976710656
      }
      if (limit != "" && !is_allowed(server, gno) ||
          until != "" && committed + 0 > until + 0 || had != "" && gno > had + 0) {
        cut = 1
        next_committed = committed
        break
      }
      latest = committed
      transactions++
      if (mariadb) seen[server] = gno
      else add(server, gno)
    }
    if (known && read == "head") break
    if (type == 3 || type == 4) closed = time
    position += size
    if (size > 19 && !seek(position - 1, 1)) {
      position -= size
      break
    }
  }
  if (read == "any") exit
  if (!known) fail("it does not say which transactions are before it")
  if (read == "head") {
    text = set()
    printf "%.0f %.0f %s\n", begun, total, text
    exit
  }
  text = set()
  print "cut " (cut ? "yes" : "no") # whether a transaction follows that does not belong to it
  printf "end %.0f\n", position # where in the file what belongs to it ends
  print "transactions " transactions + 0 # how many do
  if (latest != "") printf "last %.0f\n", latest # when the last of them was committed
  if (next_committed != "") printf "next %.0f\n", next_committed # and the first that does not
  if (closed != "") print "closed " closed # when the file was ended, in seconds
  printf "count %.0f\n", total # as in the head, but of what is had after it
  print "set " text
}
