/* Counts the messages it gets and passes each on to `out`; see ../../abi.md for the contract. */

typedef unsigned char byte;
typedef unsigned int size; /* 32 bits, as pointers are */

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

IMPORT(cast_asm) void cast_asm(const byte *target, size target_length, const byte *payload, size length);
IMPORT(call_asm) int call_asm(const byte *target, size target_length, const byte *payload, size length,
                              byte **reply, unsigned long long *reply_length);
IMPORT(sync_asm) void sync_asm(const byte *state, size length);
IMPORT(telemetry_log_asm) void telemetry_log_asm(int level, const byte *target, size target_length,
                                                 const byte *message, size length);

enum { NO_REPLY, REPLY, ERR };
enum { INFO = 3 };

/* Memory for one event: what is allocated is forgotten when the next one begins. */
extern byte __heap_base;
static byte *top = &__heap_base;

EXPORT(edgeless_mem_alloc) byte *allocate(size length) {
    byte *place = top;
    top += (length + 7) & ~7u;
    while ((size)top > __builtin_wasm_memory_size(0) * 65536u)
        if (__builtin_wasm_memory_grow(0, 1 + length / 65536u) == (size)-1) __builtin_trap();
    return place;
}

EXPORT(edgeless_mem_free) void release(byte *place, size length) { (void)place, (void)length; }

EXPORT(edgeless_mem_clear) void clear(void) { top = &__heap_base; }

/* What is kept between events is in statics. */
static unsigned count;

static size write_count(byte *text) {
    byte reversed[10];
    size length = 0;
    unsigned rest = count;
    do reversed[length++] = '0' + rest % 10;
    while (rest /= 10);
    for (size at = 0; at < length; at++) text[at] = reversed[length - 1 - at];
    return length;
}

EXPORT(handle_init_asm) void handle_init(const byte *payload, size length, const byte *state, size state_length) {
    (void)payload, (void)length;
    for (size at = 0; at < state_length; at++) count = count * 10 + (state[at] - '0');
}

EXPORT(handle_cast_asm) void handle_cast(const byte *node, const byte *component, const byte *message, size length) {
    (void)node, (void)component;
    static byte text[10];
    count++;
    size written = write_count(text);
    telemetry_log_asm(INFO, (const byte *)"in_c", 4, message, length);
    cast_asm((const byte *)"out", 3, message, length);
    sync_asm(text, written);
}

/* "ask" is passed on to `peer`, whose reply is ours; everything else is answered with the count. */
EXPORT(handle_call_asm) int handle_call(const byte *node, const byte *component, const byte *message, size length,
                                        byte **reply, size *reply_length) {
    (void)node, (void)component;
    static byte text[10];
    if (length == 3 && message[0] == 'a' && message[1] == 's' && message[2] == 'k') {
        byte *answer;
        unsigned long long answer_length; /* the host writes 8 bytes */
        int code = call_asm((const byte *)"peer", 4, message, length, &answer, &answer_length);
        if (code == REPLY) *reply = answer, *reply_length = (size)answer_length;
        return code;
    }
    *reply = text;
    *reply_length = write_count(text);
    return REPLY;
}

EXPORT(handle_stop_asm) void handle_stop(void) {}
