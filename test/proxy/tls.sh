# SPDX-License-Identifier: MIT
# What tests of TLS share: certificates made on the spot, clients that say what was agreed on. Sourced after lib.sh.

# certificate NAME SAN [ISSUER [DAYS]]: $SCRATCH/NAME.pem and NAME.key, signed by ISSUER or by itself, for so many days from
# now; a number below 0: it has ended.
certificate() {
	local name=$SCRATCH/$1 san=$2 issuer=${3:-} days=${4:-30} by=()
	[ -z "$issuer" ] || by=(-CA "$SCRATCH/$issuer.pem" -CAkey "$SCRATCH/$issuer.key")
	local new=(openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$name.key")
	[ -z "$san" ] || new+=(-addext "subjectAltName=$san")
	if [ "$days" -ge 0 ]; then
		"${new[@]}" -x509 "${by[@]}" -days "$days" -out "$name.pem" 2>/dev/null
	else
		"${new[@]}" -out "$name.csr" 2>/dev/null
		[ -n "$issuer" ] || by=(-signkey "$name.key")
		openssl x509 -req -in "$name.csr" "${by[@]}" -copy_extensions copy -days "$days" -out "$name.pem" 2>/dev/null
	fi
	chmod 600 "$name.key"
}

request=$'GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'

# greet PORT OPTION…: a request by s_client; what it says of the connection and what it got, in OUT and ERR, exit code in RC.
greet() {
	local port=$1
	shift
	RC=0
	printf %s "$request" | timeout 20 openssl s_client -connect "127.0.0.1:$port" -ign_eof "$@" \
		>"$SCRATCH/out" 2>"$SCRATCH/err" || RC=$?
	OUT=$(tr -d '\0' <"$SCRATCH/out")
	ERR=$(<"$SCRATCH/err")
}

# counter NAME PROXY KEY: of the proxy's report.
counter() {
	ask "$1" 'order seq=1 do=report' | sed -n "s/^report kind=proxy .*name=$2 .*\<$3=\([^ ]*\).*/\1/p; s/^report kind=proxy .*\<$3=\([^ ]*\).*name=$2 .*/\1/p" | tail -n 1
}
