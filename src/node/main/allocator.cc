// What jemalloc is told when it is linked (see its manual, TUNING): it looks for this symbol before main().
//
// It keeps few freed blocks of the middle sizes within reach of a thread, 20 to 64. A turn of the loop makes and frees
// as many objects as a connection has requests in flight, and each time that ran out it cost more than the decoding of
// a request. 200 is what it keeps of the smallest sizes already.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf = "tcache_nslots_small_min:200";
}
