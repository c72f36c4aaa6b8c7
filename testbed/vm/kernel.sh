# SPDX-License-Identifier: MIT
# The guest's kernel: fetched as a Debian package, unpacked into the cache (never installed), with an index of its modules,
# the bare kernel, which starts without unpacking itself, and an initial file system that mounts the host's.
# Sourced by testbed/vm/run.

# Of the modules, what network tests can need: a quarter of the package.
kernel_parts() {
	local modules="./lib/modules/$release" part
	printf '%s\n' "./boot/vmlinuz-*" "./boot/config-*" "$modules/modules.*"
	for part in 'net/*' 'drivers/net/*.ko' 'drivers/virtio/*' 'drivers/char/*' 'fs/9p/*' 'fs/netfs/*' 'fs/fscache/*' \
		'fs/overlayfs/*' 'lib/*' 'crypto/*' 'arch/x86/crypto/*'; do
		printf '%s\n' "$modules/kernel/$part"
	done
}

# What linux-image-amd64 stands for today; nothing if the lists of packages are not here.
kernel_newest() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -1; }

# The lists of packages, once: asked for only where those at hand do not do.
lists_fetched=""
lists_fetch() {
	[ -z "$lists_fetched" ] || return 1
	lists_fetched=yes
	if [ "$(id -u)" = 0 ]; then
		apt-get update -q >&2
	else
		sudo -n apt-get update -q >&2
	fi </dev/null
}

# package_fetch NAME: its file into the cache.
package_fetch() {
	local file
	for file in "$cache/$1"_*.deb; do
		[ ! -s "$file" ] || return 0
	done
	(cd "$cache" && apt-get -qq -o APT::Sandbox::User=root download "$1" </dev/null >&2)
}

package_fetch_or_die() {
	package_fetch "$1" || { lists_fetch && package_fetch "$1"; } ||
		die 126 "cannot download package $1: apt-get download $1 (into $cache) must work, or -K must name another"
}

kernel_choose() {
	local have
	[ "$(dpkg --print-architecture)" = amd64 ] || die 126 "only for amd64: the guest runs this machine's programs"
	if [ -z "$package" ]; then
		have=$(find "$cache" -maxdepth 2 -path '*/linux-image-*/ready' -printf '%h\n' | sort -V | tail -1)
		package=${have##*/}
	fi
	[ -n "$package" ] || package=$(kernel_newest)
	[ -n "$package" ] || { lists_fetch && package=$(kernel_newest); }
	[ -n "$package" ] || die 126 "linux-image-amd64 is not in the lists of packages: apt-get update must work, or -K name a kernel"
	release=${package#linux-image-}
	kernel=$cache/$package
}

# The kernel inside of vmlinuz, which is a starter before it (Documentation/arch/x86/boot.rst: setup_sects,
# payload_offset, payload_length); any other packing than lzma or xz is left to the starter.
kernel_bare() {
	python3 - "$1" "$2" 2>/dev/null <<-'END' || cp "$1" "$2"
		import lzma, struct, sys
		image = open(sys.argv[1], 'rb').read()
		offset, length = struct.unpack_from('<II', image, 0x248)
		start = ((image[0x1f1] or 4) + 1) * 512 + offset
		bare = lzma.LZMADecompressor().decompress(image[start:start + length])
		assert bare[:4] == b'\x7fELF'
		open(sys.argv[2], 'wb').write(bare)
	END
}

# The modules that reach the host's file system, in the order to load them, without what only debuggers read.
kernel_first_modules() {
	local module file
	for module in virtio_pci virtio_console virtio_rng 9pnet_virtio 9p overlay; do
		modprobe -d "$kernel" -S "$release" --show-depends $module
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r file; do
		objcopy --strip-debug -R .BTF "$file" "$1/${file##*/}" 2>/dev/null || cp "$file" "$1/"
		echo "${file##*/}"
	done >"$1/list"
}

kernel_unpack() {
	package_fetch_or_die "$package"
	package_fetch_or_die busybox-static
	rm -rf "$kernel"
	mkdir -p "$kernel/first/bin" "$kernel/first/modules" "$kernel/first/vm" || die 126 "cannot write $kernel"
	dpkg-deb --fsys-tarfile "$cache/$package"_*.deb | tar -x -C "$kernel" --wildcards --files-from=<(kernel_parts) ||
		die 126 "cannot unpack $package"
	dpkg-deb --fsys-tarfile "$cache"/busybox-static_*.deb |
		tar -xO --wildcards './*bin/busybox' >"$kernel/first/bin/busybox" || die 126 "cannot unpack busybox-static"
	depmod -b "$kernel" "$release" || die 126 "depmod fails"
	kernel_bare "$kernel/boot/vmlinuz-$release" "$kernel/vmlinux"
	kernel_first_modules "$kernel/first/modules"
	rm -f "$cache/$package"_*.deb "$cache"/busybox-static_*.deb
	touch "$kernel/ready"
}

# The initial file system; made anew where init or start is newer.
kernel_first() {
	local first="$kernel/first"
	cp "$here/init" "$first/init" && cp "$here/start" "$first/vm/start" && chmod +x "$first/init" "$first/bin/busybox" &&
		(cd "$first" && find . | cpio -o -H newc --quiet) >"$kernel/first.cpio" || die 126 "cannot write $kernel/first.cpio"
}

# kernel_prepare: sets package, release and kernel, the folder that holds it all. One at a time.
kernel_prepare() {
	mkdir -p "$cache" 2>/dev/null && exec 9>"$cache/lock" || die 126 "cannot write $cache (NLBC_VM_DIR names another place)"
	flock 9
	kernel_choose
	[ -e "$kernel/ready" ] || kernel_unpack
	if [ ! -s "$kernel/first.cpio" ] || [ "$here/init" -nt "$kernel/first.cpio" ] || [ "$here/start" -nt "$kernel/first.cpio" ]; then
		kernel_first
	fi
	exec 9>&-
}
