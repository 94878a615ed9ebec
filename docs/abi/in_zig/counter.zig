//! Counts the messages it gets and passes each on to `out`; see ../../abi.md for the contract.

const std = @import("std");

extern "env" fn cast_asm(target: [*]const u8, target_length: usize, payload: [*]const u8, length: usize) void;
extern "env" fn call_asm(target: [*]const u8, target_length: usize, payload: [*]const u8, length: usize, reply: *[*]u8, reply_length: *u64) i32;
extern "env" fn sync_asm(state: [*]const u8, length: usize) void;
extern "env" fn telemetry_log_asm(level: i32, target: [*]const u8, target_length: usize, message: [*]const u8, length: usize) void;

const reply_code: i32 = 1;
const info: i32 = 3;

export fn edgeless_mem_alloc(length: usize) [*]u8 {
    return (std.heap.wasm_allocator.alloc(u8, @max(length, 1)) catch @trap()).ptr;
}

export fn edgeless_mem_free(place: [*]u8, length: usize) void {
    std.heap.wasm_allocator.free(place[0..@max(length, 1)]);
}

export fn edgeless_mem_clear() void {}

// What is kept between events is in variables of the file.
var count: u32 = 0;
var text: [10]u8 = undefined;
var answer: ?[]u8 = null;

fn written() []const u8 {
    return std.fmt.bufPrint(&text, "{d}", .{count}) catch @trap();
}

export fn handle_init_asm(payload: [*]const u8, length: usize, state: [*]const u8, state_length: usize) void {
    _ = payload;
    _ = length;
    if (state_length > 0) count = std.fmt.parseInt(u32, state[0..state_length], 10) catch 0;
}

export fn handle_cast_asm(node: *const [16]u8, component: *const [16]u8, message: [*]const u8, length: usize) void {
    _ = node;
    _ = component;
    count += 1;
    telemetry_log_asm(info, "in_zig", 6, message, length);
    cast_asm("out", 3, message, length);
    const state = written();
    sync_asm(state.ptr, state.len);
}

/// "ask" is passed on to `peer`, whose reply is ours; everything else is answered with the count.
export fn handle_call_asm(node: *const [16]u8, component: *const [16]u8, message: [*]const u8, length: usize, reply: *[*]const u8, reply_length: *usize) i32 {
    _ = node;
    _ = component;
    if (answer) |last| edgeless_mem_free(last.ptr, last.len); // the host has read it by now
    answer = null;
    if (std.mem.eql(u8, message[0..length], "ask")) {
        var place: [*]u8 = undefined;
        var place_length: u64 = 0; // the host writes 8 bytes
        const code = call_asm("peer", 4, message, length, &place, &place_length);
        if (code == reply_code) {
            answer = place[0..@intCast(place_length)];
            reply.* = place;
            reply_length.* = @intCast(place_length);
        }
        return code;
    }
    const state = written();
    reply.* = state.ptr;
    reply_length.* = state.len;
    return reply_code;
}

export fn handle_stop_asm() void {}
