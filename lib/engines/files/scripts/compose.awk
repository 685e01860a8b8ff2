# compose.awk DELTA...: the changes that came one after the other as one: of each path what the last one says. What one
# of them says twice stays, and is refused.
{ path = $1 == "-" ? substr($0, 3) : substr($0, length($1 $2 $3 $4 $5) + 6) }
said_by[path] == FILENAME { twice[path] }
{ said_by[path] = FILENAME; last[path] = NR; line[NR] = $0; place[NR] = path }
END { for (i = 1; i <= NR; i++) if (i in place && (last[place[i]] == i || place[i] in twice)) put(line[i]) }
