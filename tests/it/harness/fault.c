/* Strikes a process at one of its own system calls: loaded before libc (LD_PRELOAD), it counts the
 * calls of one kind on one file and lets some of them fail, or kills the process at the first.
 *
 * FAULT_CALL    the call: pread64, pwrite64, write, fsync, rename, open64
 * FAULT_FILE    how the file's path ends
 * FAULT_FIRST   which of these calls is struck first, from 1
 * FAULT_TIMES   how many in a row are
 * FAULT_DO      EIO, ENOSPC or KILL
 * FAULT_MARK    a file that is made when the first is struck
 *
 * A disk that is full, and a process that is killed, have written half of it before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long seen;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is(const char *variable, const char *value) {
  const char *set = getenv(variable);
  return set && strcmp(set, value) == 0;
}

static long number(const char *variable) {
  const char *set = getenv(variable);
  return set ? atol(set) : 0;
}

/* How many calls in a row have been struck with this one; 0 when it goes through. */
static long struck(const char *call, const char *path) {
  const char *end = getenv("FAULT_FILE");
  if (!end || !is("FAULT_CALL", call)) return 0;
  size_t path_length = strlen(path), end_length = strlen(end);
  if (path_length < end_length || strcmp(path + path_length - end_length, end) != 0) return 0;
  long nth = atomic_fetch_add(&seen, 1) + 1 - number("FAULT_FIRST") + 1;
  if (nth < 1 || nth > number("FAULT_TIMES")) return 0;
  const char *mark = getenv("FAULT_MARK");
  if (nth == 1 && mark) {
    long made = syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600);
    if (made >= 0) syscall(SYS_close, made);
  }
  return nth;
}

static long struck_at(const char *call, int file) {
  char link[64], path[PATH_MAX];
  if (!is("FAULT_CALL", call)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return struck(call, path);
}

static int fail(void) {
  if (is("FAULT_DO", "KILL")) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  errno = is("FAULT_DO", "ENOSPC") ? ENOSPC : EIO;
  return -1;
}

/* How much of a write is done before it is struck. */
static size_t half(long nth, size_t length) { return nth == 1 && !is("FAULT_DO", "EIO") ? length / 2 : 0; }

ssize_t write(int file, const void *bytes, size_t length) {
  long nth = struck_at("write", file);
  if (!nth) return REAL(write)(file, bytes, length);
  size_t some = half(nth, length);
  ssize_t done = some ? REAL(write)(file, bytes, some) : 0;
  return done > 0 && is("FAULT_DO", "ENOSPC") ? done : fail();
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  long nth = struck_at("pwrite64", file);
  if (!nth) return REAL(pwrite64)(file, bytes, length, at);
  size_t some = half(nth, length);
  ssize_t done = some ? REAL(pwrite64)(file, bytes, some, at) : 0;
  return done > 0 && is("FAULT_DO", "ENOSPC") ? done : fail();
}

ssize_t pread64(int file, void *bytes, size_t length, off64_t at) {
  return struck_at("pread64", file) ? fail() : REAL(pread64)(file, bytes, length, at);
}

int fsync(int file) { return struck_at("fsync", file) ? fail() : REAL(fsync)(file); }

int rename(const char *from, const char *to) {
  return struck("rename", to) ? fail() : REAL(rename)(from, to);
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return struck("open64", path) ? fail() : REAL(open64)(path, flags, mode);
}
