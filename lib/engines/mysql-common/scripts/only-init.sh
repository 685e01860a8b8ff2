#!/usr/bin/env bash
# What the image's entry point takes for the server while ordinal 0 initialises, under the server's name: the server
# itself for all but the last call, the one that would serve. MySQL is made by --initialize-insecure, MariaDB by
# --bootstrap.
case " $* " in
  *" --skip-networking "* | *" --help "* | *" --initialize-insecure "* | *" --bootstrap "*)
    exec "/usr/sbin/${0##*/}" "$@"
    ;;
esac
