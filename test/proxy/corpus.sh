# SPDX-License-Identifier: MIT
# The proxies that the corpus is played through, by name; C-corpus, C-smuggling and C-mutations.

program PLAYER test/proxy/player
[ -x "$PLAYER" ] || skip "test/proxy/player is not built (make check-proxy builds it)"
# It gives nothing back before it ends.
player() { ASAN_OPTIONS=detect_leaks=0 "$PLAYER" "$@"; }
CASES=("$TOP"/test/proxy/cases/0* "$TOP"/test/proxy/cases/[A-Z]-*)

# corpus_block NAME PORT [STATEMENT…]: a proxy on this port, its server on the one a hundred above. The times are those of
# a player that sends hundreds of bytes one by one.
corpus_block() {
	local name=$1 port=$2
	shift 2
	cat <<-END
		proxy $name {
			listen 127.0.0.1:$port
			max-connections 4000
			limit head 32kb body 64kb
			timeout request 12s response 12s idle 12s
			eject errors 0
			retries 0
			$(printf '%s\n' "$@")
			server s { address 127.0.0.1:$((port + 100)) }
		}
	END
}

corpus_profile() {
	profile corpus <<-END
		$(corpus_block main 20080)
		$(corpus_block trusted 20081 "trust 127.0.0.0/8")
		$(corpus_block rfc7239 20082 "forwarded rfc7239")
		$(corpus_block both 20083 "forwarded both")
		$(corpus_block none 20084 "forwarded none")
		$(corpus_block request 20085 "connections per-request")
	END
}
CORPUS_PORTS="20080 20081 20082 20083 20084 20085"
CORPUS_PROXIES="--proxy main=20080:20180 --proxy trusted=20081:20181 --proxy rfc7239=20082:20182 --proxy both=20083:20183
	--proxy none=20084:20184:anonymous --proxy request=20085:20185"
