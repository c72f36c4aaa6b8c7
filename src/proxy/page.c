/* SPDX-License-Identifier: MIT */
/* The shared page: its layout behind struct page, made by the master and mapped by everybody. */
#include "base/base.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "proxy/page.h"

/* Bounds that keep the sizes below from running over; far above what a profile may ask for. */
enum { WORKERS_MOST = 1 << 16, SERVERS_MOST = 1 << 16, ADDRESSES_MOST = 1 << 24 };

static size_t servers_at(void)
{
	const size_t step = _Alignof(struct page_server);

	return (sizeof(struct page) + step - 1) / step * step;
}

static size_t workers_at(const struct page *p)
{
	return servers_at() + p->n_servers * sizeof(struct page_server);
}

static size_t shares_at(const struct page *p)
{
	return workers_at(p) + p->n_workers * sizeof(struct page_worker);
}

static size_t addresses_at(const struct page *p)
{
	return shares_at(p) + (size_t)p->n_workers * p->n_servers * sizeof(struct page_share);
}

static size_t page_size(const struct page *p)
{
	return addresses_at(p) + (size_t)p->n_workers * p->address_room * sizeof(uint64_t);
}

struct page_server *page_server(struct page *p, size_t server)
{
	return (struct page_server *)(void *)((char *)p + servers_at()) + server;
}

struct page_worker *page_worker(struct page *p, size_t worker)
{
	return (struct page_worker *)(void *)((char *)p + workers_at(p)) + worker;
}

struct page_share *page_share(struct page *p, size_t worker, size_t server)
{
	return (struct page_share *)(void *)((char *)p + shares_at(p)) + worker * p->n_servers + server;
}

struct addresses_shown page_addresses(struct page *p, size_t worker)
{
	_Atomic uint64_t *all = (_Atomic uint64_t *)(void *)((char *)p + addresses_at(p));

	return (struct addresses_shown){ all + worker * p->address_room, &page_worker(p, worker)->n_addresses, p->address_room };
}

static int fill(int fd, const struct page *sizes)
{
	if (ftruncate(fd, (off_t)page_size(sizes)) < 0)
		return -errno;
	struct page *p = mmap(NULL, page_size(sizes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	p->n_workers = sizes->n_workers;
	p->n_servers = sizes->n_servers;
	p->address_room = sizes->address_room;
	for (size_t w = 0; w < sizes->n_workers; w++)
		for (size_t s = 0; s < sizes->n_servers; s++)
			atomic_store(&page_share(p, w, s)->estimate_us, -1);
	(void)munmap(p, page_size(sizes));
	return 0;
}

int page_new(size_t n_workers, size_t n_servers, size_t address_room)
{
	if (n_workers > WORKERS_MOST || n_servers > SERVERS_MOST || address_room > ADDRESSES_MOST)
		return -EINVAL;
	const struct page sizes = {
		.n_workers = (uint32_t)n_workers, .n_servers = (uint32_t)n_servers, .address_room = (uint32_t)address_room,
	};
	const int fd = memfd_create("nlbc-proxy", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	const int err = fill(fd, &sizes);

	if (err)
		(void)close(fd);
	return err ? err : fd;
}

/* The sizes at its beginning must fit the file, or it was made by a program of another layout. */
static bool fits(int fd, uint64_t size)
{
	struct page sizes;
	const size_t head = offsetof(struct page, address_seed);

	return pread(fd, &sizes, head, 0) == (ssize_t)head && sizes.n_workers <= WORKERS_MOST &&
	       sizes.n_servers <= SERVERS_MOST && sizes.address_room <= ADDRESSES_MOST && page_size(&sizes) == size;
}

struct page *page_map(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return NULL;
	if (st.st_size < (off_t)sizeof(struct page) || !fits(fd, (uint64_t)st.st_size)) {
		errno = EINVAL;
		return NULL;
	}
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

void page_unmap(struct page *p)
{
	if (p)
		(void)munmap(p, page_size(p));
}

void page_bury_worker(struct page *p, size_t worker)
{
	struct page_worker *w = page_worker(p, worker);

	atomic_store(&w->pid, 0);
	atomic_store(&w->connections, 0);
	atomic_store(&w->queued, 0);
	atomic_store(&w->idle_servers, 0);
	atomic_store(&w->n_addresses, 0);
	for (size_t i = 0; i < p->n_servers; i++) {
		struct page_share *share = page_share(p, worker, i);
		struct page_server *server = page_server(p, i);
		uint32_t trial = (uint32_t)worker + 1;

		atomic_store(&share->open, 0);
		atomic_store(&share->pooled, 0);
		atomic_fetch_sub(&server->connections, atomic_exchange(&share->connections, 0));
		atomic_store(&share->estimate_us, -1);
		(void)atomic_compare_exchange_strong(&server->trial, &trial, 0);
	}
}
