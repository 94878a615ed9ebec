// Counts the messages it gets and passes each on to `out`; see ../../abi.md for the contract.

@external("env", "cast_asm")
declare function cast_asm(target: usize, targetLength: i32, payload: usize, length: i32): void;
@external("env", "call_asm")
declare function call_asm(
  target: usize, targetLength: i32, payload: usize, length: i32, reply: usize, replyLength: usize
): i32;
@external("env", "sync_asm")
declare function sync_asm(state: usize, length: i32): void;
@external("env", "telemetry_log_asm")
declare function telemetry_log_asm(level: i32, target: usize, targetLength: i32, message: usize, length: i32): void;

const REPLY = 1;
const INFO = 3;

export function edgeless_mem_alloc(length: i32): usize {
  return heap.alloc(length);
}

export function edgeless_mem_free(place: usize, length: i32): void {
  heap.free(place);
}

export function edgeless_mem_clear(): void {}

// What is kept between events is in globals. So is what the host reads: it stays until the next event.
let count: u32 = 0;
let answer: ArrayBuffer = new ArrayBuffer(0);
const outcome = memory.data(16); // where the host writes a reply's place (4 bytes) and, from the 8th on, its length (8)

const out = String.UTF8.encode("out");
const peer = String.UTF8.encode("peer");
const own = String.UTF8.encode("in_assemblyscript");

function at(text: ArrayBuffer): usize {
  return changetype<usize>(text);
}

export function handle_init_asm(payload: usize, length: i32, state: usize, stateLength: i32): void {
  if (stateLength > 0) count = U32.parseInt(String.UTF8.decodeUnsafe(state, stateLength));
}

export function handle_cast_asm(node: usize, component: usize, message: usize, length: i32): void {
  count += 1;
  telemetry_log_asm(INFO, at(own), own.byteLength, message, length);
  cast_asm(at(out), out.byteLength, message, length);
  const state = String.UTF8.encode(count.toString());
  sync_asm(at(state), state.byteLength);
}

// "ask" is passed on to `peer`, whose reply is ours; everything else is answered with the count.
export function handle_call_asm(
  node: usize, component: usize, message: usize, length: i32, reply: usize, replyLength: usize
): i32 {
  if (String.UTF8.decodeUnsafe(message, length) == "ask") {
    const code = call_asm(at(peer), peer.byteLength, message, length, outcome, outcome + 8);
    if (code != REPLY) return code;
    const place = load<u32>(outcome);
    answer = new ArrayBuffer(load<i32>(outcome, 8));
    memory.copy(at(answer), place, answer.byteLength);
    heap.free(place);
  } else {
    answer = String.UTF8.encode(count.toString());
  }
  store<u32>(reply, at(answer));
  store<i32>(replyLength, answer.byteLength);
  return REPLY;
}

export function handle_stop_asm(): void {}
