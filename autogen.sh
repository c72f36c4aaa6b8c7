#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes ./configure from configure.ac; needed once after a clone.
set -e
cd "$(dirname "$0")"
for tool in autoreconf automake pkg-config; do
	command -v "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
	echo "missing:$missing; on Debian: apt install autoconf automake pkg-config" >&2
	exit 1
fi
mkdir -p build-aux
exec autoreconf --force --install
