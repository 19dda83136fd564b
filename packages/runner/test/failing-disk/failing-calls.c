/*
 * Fails the n-th write to, or sync of, the files of a state, and every one after it: what a disk does that is full
 * (ENOSPC) or broken (EIO). Loaded before the C library of the program under test.
 *
 * FAIL_AT: which call fails, 1 for the first; 0: none. FAIL_KIND: write | sync. FAIL_COUNT: a file that gets the number
 * of calls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int calls;

static int isState(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, "state.sqlite") != NULL && strstr(path, "-shm") == NULL;
}

static int fails(const char *kind, int file) {
  const char *wanted = getenv("FAIL_KIND"), *at = getenv("FAIL_AT"), *count = getenv("FAIL_COUNT");
  if (wanted == NULL || strcmp(wanted, kind) != 0 || !isState(file)) return 0;
  int number = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
  if (count != NULL) {
    FILE *out = fopen(count, "w");
    if (out != NULL) {
      fprintf(out, "%d", number);
      fclose(out);
    }
  }
  if (at == NULL || atoi(at) == 0 || number < atoi(at)) return 0;
  errno = strcmp(kind, "sync") == 0 ? EIO : ENOSPC;
  return 1;
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "pwrite64");
  return fails("write", file) ? -1 : real(file, bytes, length, at);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) { return pwrite64(file, bytes, length, at); }

ssize_t write(int file, const void *bytes, size_t length) {
  static ssize_t (*real)(int, const void *, size_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "write");
  return fails("write", file) ? -1 : real(file, bytes, length);
}

int fsync(int file) {
  static int (*real)(int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "fsync");
  return fails("sync", file) ? -1 : real(file);
}

int fdatasync(int file) {
  static int (*real)(int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "fdatasync");
  return fails("sync", file) ? -1 : real(file);
}
