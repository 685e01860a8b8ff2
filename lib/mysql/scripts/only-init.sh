#!/usr/bin/env bash
# What the image's entry point takes for the server while ordinal 0 initialises: the server itself for all but the last call, the one
# that would serve.
case " $* " in
  *" --skip-networking "* | *" --help "* | *" --initialize-insecure "*) exec /usr/sbin/mysqld "$@" ;;
esac
