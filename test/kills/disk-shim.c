/*
 * Stands between a process and the disk (LD_PRELOAD): notes what is written, made, removed and synced, and kills the
 * process inside the n-th such call. It changes nothing that the process sees. Told by the environment:
 *   READBACK_DISK_FILES   the files that count: those whose path begins so; the folder they lie in counts as "."
 *   READBACK_DISK_LOG     a file to which each call is appended after it was done; see disk-model.ts
 *   READBACK_DISK_DIE     sync:<n>:before | sync:<n>:after | write:<n>:before | write:<n>:half | write:<n>:after
 *   READBACK_DISK_DEATHS  a file to which the place of the death is appended
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
/* Some C libraries name these by macros. */
#undef open64
#undef pwrite64
#undef ftruncate64

#define REAL(name, type) \
  static type real; \
  if (!real) real = (type)dlsym(RTLD_NEXT, name)

typedef int (*open_call)(const char *, int, ...);
typedef ssize_t (*pwrite_call)(int, const void *, size_t, off_t);
typedef int (*truncate_call)(int, off_t);
typedef int (*sync_call)(int);
typedef int (*unlink_call)(const char *);

/** The name of a file that counts, without its folder; "." for the folder, NULL for all others. */
static const char *name_of(const char *path) {
  const char *files = getenv("READBACK_DISK_FILES");
  if (!files || !path) return NULL;
  const char *last = strrchr(files, '/');
  if (!last) return NULL;
  size_t folder = (size_t)(last - files);
  if (strncmp(path, files, folder) == 0 && path[folder] == 0) return ".";
  if (strncmp(path, files, strlen(files)) != 0 || strstr(path, " (deleted)")) return NULL;
  return path + folder + 1;
}

static const char *name_of_fd(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return NULL;
  path[length] = 0;
  return name_of(path);
}

/** Appends to the file that a variable names; in one call, so that a death leaves no half of a line. */
static void append(const char *variable, struct iovec *parts, int count) {
  const char *path = getenv(variable);
  if (!path) return;
  REAL("open", open_call);
  int fd = real(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  size_t length = 0;
  for (int at = 0; at < count; at += 1) length += parts[at].iov_len;
  if (fd < 0 || writev(fd, parts, count) != (ssize_t)length) abort();
  close(fd);
}

/** One act: "<act> <name> <number> <bytes that follow>\n", and the bytes. */
static void note(const char *act, const char *name, long number, const void *bytes, size_t length) {
  char head[PATH_MAX + 64];
  int size = snprintf(head, sizeof head, "%s %s %ld %zu\n", act, name, number, length);
  struct iovec parts[] = {{head, (size_t)size}, {(void *)bytes, length}};
  append("READBACK_DISK_LOG", parts, 2);
}

enum phase { none, before, half, after };

/** Which phase of this call the process dies in. */
static enum phase death_in(const char *act) {
  static int counts[2];
  const char *asked = getenv("READBACK_DISK_DIE");
  size_t length = strlen(act);
  int count = __atomic_add_fetch(&counts[act[0] == 's'], 1, __ATOMIC_SEQ_CST);
  if (!asked || strncmp(asked, act, length) != 0 || asked[length] != ':') return none;
  char *end;
  if (strtol(asked + length + 1, &end, 10) != count) return none;
  return end[1] == 'b' ? before : end[1] == 'h' ? half : after;
}

static void die(const char *act, const char *name) {
  char line[PATH_MAX + 64];
  int size = snprintf(line, sizeof line, "%s %s\n", act, name);
  struct iovec part = {line, (size_t)size};
  append("READBACK_DISK_DEATHS", &part, 1);
  for (;;) kill(getpid(), SIGKILL);
}

static int do_sync(int fd, sync_call real) {
  char path[PATH_MAX];
  const char *name = name_of_fd(fd, path);
  if (!name) return real(fd);
  enum phase death = death_in("sync");
  if (death == before) die("sync", name);
  int result = real(fd);
  if (result == 0) note("sync", name, 0, NULL, 0);
  if (death == after) die("sync", name);
  return result;
}

static ssize_t do_write(int fd, const void *bytes, size_t length, off_t at) {
  REAL("pwrite", pwrite_call);
  char path[PATH_MAX];
  const char *name = name_of_fd(fd, path);
  if (!name) return real(fd, bytes, length, at);
  enum phase death = death_in("write");
  if (death == before) die("write", name);
  ssize_t done = real(fd, bytes, death == half ? length / 2 : length, at);
  if (done > 0) note("write", name, (long)at, bytes, (size_t)done);
  if (death != none) die("write", name);
  return done;
}

static int do_truncate(int fd, off_t length) {
  REAL("ftruncate", truncate_call);
  char path[PATH_MAX];
  const char *name = name_of_fd(fd, path);
  int result = real(fd, length);
  if (name && result == 0) note("truncate", name, (long)length, NULL, 0);
  return result;
}

static int do_open(const char *path, int flags, mode_t mode) {
  REAL("open", open_call);
  const char *name = (flags & O_CREAT) ? name_of(path) : NULL;
  int is_new = name && access(path, F_OK) != 0;
  int fd = real(path, flags, mode);
  if (is_new && fd >= 0) note("create", name, 0, NULL, 0);
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    return do_open(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  return do_write(fd, bytes, length, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
  return do_write(fd, bytes, length, at);
}
int ftruncate(int fd, off_t length) { return do_truncate(fd, length); }
int ftruncate64(int fd, off_t length) { return do_truncate(fd, length); }

int fsync(int fd) {
  REAL("fsync", sync_call);
  return do_sync(fd, real);
}
int fdatasync(int fd) {
  REAL("fdatasync", sync_call);
  return do_sync(fd, real);
}

int unlink(const char *path) {
  REAL("unlink", unlink_call);
  const char *name = name_of(path);
  int result = real(path);
  if (name && result == 0) note("remove", name, 0, NULL, 0);
  return result;
}
