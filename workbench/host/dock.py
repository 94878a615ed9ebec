"""The dock: a small wasm module beside each guest that delivers its events and collects its effects.

It imports the guest's memory and exports and stands in for the guest's imports, so that Python crosses into wasm once
for a few events instead of ten times for each. The events lie in an inbox in the dock's own memory, `io`, one behind
the other; what the guest does is written as records into a ring there, with one that says where an event's handling
ended. The layout constants below are the agreement between this text and `guest.py`.

A second module, the shim, is what the guest is linked against: it exists before the guest and forwards through a table
that the dock, which exists after the guest, fills in.
"""

from __future__ import annotations

import struct

from workbench.host import contract
from workbench.host.contract import Signature

PAGE = 65536

HEAD = 0  # u32: where the next record goes
LEFT = 4  # u32: how many events in the inbox have not begun
WATCH = 8  # u32: whether the next reply is to be told of
STARTING = 12  # u32: whether the guest's start function runs
SELF = 64  # 32 bytes: the instance's own identity
RING = 4096
RING_END = RING + 4 * PAGE
INBOX = RING_END
INBOX_SIZE = 2 * PAGE
IO_PAGES = (INBOX + INBOX_SIZE + PAGE - 1) // PAGE

EVENT = struct.Struct("<IIII32s")
"""What stands before an event's bytes in the inbox: verb, length of the first and of the second text, which of them
are present (bits 0 and 1), the sender's identity. A reply is laid out the same, with its code as the verb. `ASK` has in
place of these the place and length of what it asks about, and a place that is in use."""

_FIRST, _SECOND, _PRESENT, _NODE, _COMPONENT = 4, 8, 12, 16, 32

LARGE = PAGE
"""Bytes from which a field goes through the host import `spill` instead of the ring."""
SPILLED = 0xFFFFFFFF
"""The length that marks such a field."""

RECORD = struct.Struct("<QIII")
"""A record's head: number, kind, length of first, length of second; then the bytes of both."""

IDENTITY_SIZE = 16
"""Bytes in each half of an identity, for which the guest's allocator is asked."""

INIT, DELIVER_CAST, DELIVER_CALL, STOP, ASK, START_UP = range(1, 7)
"""Verbs."""

ASKS = 100_000
"""How often a guest is asked for room at most, which takes it a few ms."""

START, NO_START = "start", "no_start"
"""The dock's name for the guest's start function, and the shim's for one that does nothing."""

_TABLE = list(contract.IMPORTS)


def _types(signature: Signature) -> str:
    params, results = signature
    return "".join(f" (param {t})" for t in params) + "".join(f" (result {t})" for t in results)


def _shim() -> str:
    forwards = []
    for slot, (name, signature) in enumerate(contract.IMPORTS.items()):
        arguments = " ".join(f"(local.get {i})" for i in range(len(signature[0])))
        forwards.append(
            f"(type $t{slot} (func{_types(signature)}))\n"
            f'(func (export "{name}") (type $t{slot})'
            f" {arguments} (call_indirect (type $t{slot}) (i32.const {slot})))"
        )
    return (
        f'(module $edgeless_env\n(table (export "table") {len(_TABLE)} funcref)\n'
        + f'(func (export "{NO_START}"))\n'
        + "\n".join(forwards)
        + ")"
    )


def _guest_imports() -> str:
    lines = [f'(import "guest" "{contract.MEMORY}" (memory $guest 0))']
    for name, signature in {**contract.EXPORTS, START: ((), ())}.items():
        lines.append(f'(import "guest" "{name}" (func ${name}{_types(signature)}))')
    return "\n".join(lines)


SHIM = _shim()

DOCK = f"""(module $edgeless_dock
(import "env" "table" (table {len(_TABLE)} funcref))
{_guest_imports()}
;; suspend: until there is an event, until there is a reply
(import "host" "next_event" (func $next_event))
(import "host" "await_reply" (func $await_reply))
;; is the alias at pointer, length linked?
(import "host" "knows" (func $knows (param i32 i32) (result i32)))
;; take away what is in the ring; take bytes (pointer, length) that are too large for it
(import "host" "flush" (func $flush))
(import "host" "spill" (func $spill (param i32 i32)))
;; a reply (pointer, length) has been read that was to be told of; an identity lies at a third pointer still
(import "host" "replied" (func $replied (param i32 i32 i32)))
;; give bytes (to pointer, from offset, length) that are too large for the inbox
(import "host" "fetch" (func $fetch (param i32 i32 i32)))
(global $event (mut i32) (i32.const 0))  ;; where the one that is handled lies in the inbox
(global $next (mut i32) (i32.const 0))   ;; and the one after it
(global $started (mut i32) (i32.const 0))  ;; whether the guest's start function has begun
(memory $io (export "io") {IO_PAGES} {IO_PAGES})
(elem (i32.const 0) {" ".join("$" + name for name in _TABLE)})

;; ---- the ring

(func $in_ring (param $length i32) (result i32)
  (select (i32.const 0) (local.get $length) (i32.gt_u (local.get $length) (i32.const {LARGE}))))

(func $field (param $at i32) (param $from i32) (param $length i32) (result i32)  ;; returns the length to write down
  (if (i32.gt_u (local.get $length) (i32.const {LARGE})) (then
    (call $spill (local.get $from) (local.get $length))
    (return (i32.const {SPILLED}))))
  (memory.copy $io $guest (local.get $at) (local.get $from) (local.get $length))
  (local.get $length))

(func $put (param $kind i32) (param $number i64) (param $p1 i32) (param $l1 i32) (param $p2 i32) (param $l2 i32)
  (local $at i32) (local $body i32) (local $second i32) (local $end i32)
  (local.set $at (call $room (i32.add (call $in_ring (local.get $l1)) (call $in_ring (local.get $l2)))))
  (local.set $body (i32.add (local.get $at) (i32.const {RECORD.size})))
  (local.set $second (i32.add (local.get $body) (call $in_ring (local.get $l1))))
  (local.set $end (i32.add (local.get $second) (call $in_ring (local.get $l2))))
  (i64.store $io align=1 (local.get $at) (local.get $number))
  (i32.store $io offset=8 align=1 (local.get $at) (local.get $kind))
  (i32.store $io offset=12 align=1 (local.get $at) (call $field (local.get $body) (local.get $p1) (local.get $l1)))
  (i32.store $io offset=16 align=1 (local.get $at) (call $field (local.get $second) (local.get $p2) (local.get $l2)))
  (i32.store $io (i32.const {HEAD}) (local.get $end)))  ;; only now is the record there

(func $put_raw (param $kind i32) (param $node i32) (param $component i32) (param $p i32) (param $l i32)
  (local $at i32)
  (local.set $at (call $room (i32.add (i32.const 32) (call $in_ring (local.get $l)))))
  (i64.store $io align=1 (local.get $at) (i64.const 0))
  (i32.store $io offset=8 align=1 (local.get $at) (local.get $kind))
  (i32.store $io offset=12 align=1 (local.get $at) (i32.const 32))
  (memory.copy $io $guest
    (i32.add (local.get $at) (i32.const {RECORD.size})) (local.get $node) (i32.const {IDENTITY_SIZE}))
  (memory.copy $io $guest
    (i32.add (local.get $at) (i32.const {RECORD.size + 16})) (local.get $component) (i32.const {IDENTITY_SIZE}))
  (i32.store $io offset=16 align=1 (local.get $at)
    (call $field (i32.add (local.get $at) (i32.const {RECORD.size + 32})) (local.get $p) (local.get $l)))
  (i32.store $io (i32.const {HEAD})
    (i32.add (i32.add (local.get $at) (i32.const {RECORD.size + 32})) (call $in_ring (local.get $l)))))

(func $room (param $body i32) (result i32)  ;; where a record with that much body goes
  (if (i32.gt_u
        (i32.add (i32.add (i32.load $io (i32.const {HEAD})) (i32.const {RECORD.size})) (local.get $body))
        (i32.const {RING_END}))
    (then (call $flush)))
  (i32.load $io (i32.const {HEAD})))

;; ---- what the platform refuses, refused on the spot

(func $refuse (param $kind i32) (param $p i32) (param $l i32)
  (call $put (i32.const {contract.REFUSED}) (i64.extend_i32_u (local.get $kind))
    (local.get $p) (local.get $l) (i32.const 0) (i32.const 0))
  (unreachable))

(func $text (param $kind i32) (param $p i32) (param $l i32)  ;; must be UTF-8
  (if (i32.eqz (call $utf8 (local.get $p) (local.get $l)))
    (then (call $refuse (local.get $kind) (local.get $p) (local.get $l)))))

(func $linked (param $kind i32) (param $p i32) (param $l i32)  ;; must be an alias that leads somewhere
  (if (i32.eqz (call $knows (local.get $p) (local.get $l)))
    (then (call $refuse (local.get $kind) (local.get $p) (local.get $l)))))

(func $tail (param $p i32) (result i32)  ;; is this a continuation byte?
  (i32.eq (i32.and (i32.load8_u $guest (local.get $p)) (i32.const 0xC0)) (i32.const 0x80)))

(func $utf8 (param $p i32) (param $l i32) (result i32) (local $left i32) (local $b i32) (local $c i32)
  (local.set $left (local.get $l))
  (loop $next
    (if (i32.eqz (local.get $left)) (then (return (i32.const 1))))
    (if (i32.ge_u (local.get $left) (i32.const 8)) (then
      (if (i64.eqz (i64.and (i64.load $guest align=1 (local.get $p)) (i64.const 0x8080808080808080))) (then
        (local.set $p (i32.add (local.get $p) (i32.const 8)))
        (local.set $left (i32.sub (local.get $left) (i32.const 8)))
        (br $next)))))
    (local.set $b (i32.load8_u $guest (local.get $p)))
    (if (i32.lt_u (local.get $b) (i32.const 0x80)) (then
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $next)))
    (if (i32.lt_u (local.get $b) (i32.const 0xC2)) (then (return (i32.const 0))))
    (if (i32.gt_u (local.get $b) (i32.const 0xF4)) (then (return (i32.const 0))))
    (if (i32.lt_u (local.get $left) (i32.const 2)) (then (return (i32.const 0))))
    (if (i32.eqz (call $tail (i32.add (local.get $p) (i32.const 1)))) (then (return (i32.const 0))))
    (if (i32.lt_u (local.get $b) (i32.const 0xE0)) (then
      (local.set $p (i32.add (local.get $p) (i32.const 2)))
      (local.set $left (i32.sub (local.get $left) (i32.const 2)))
      (br $next)))
    (local.set $c (i32.load8_u $guest (i32.add (local.get $p) (i32.const 1))))
    (if (i32.lt_u (local.get $left) (i32.const 3)) (then (return (i32.const 0))))
    (if (i32.eqz (call $tail (i32.add (local.get $p) (i32.const 2)))) (then (return (i32.const 0))))
    (if (i32.lt_u (local.get $b) (i32.const 0xF0)) (then
      (if (i32.and (i32.eq (local.get $b) (i32.const 0xE0)) (i32.lt_u (local.get $c) (i32.const 0xA0)))
        (then (return (i32.const 0))))
      (if (i32.and (i32.eq (local.get $b) (i32.const 0xED)) (i32.ge_u (local.get $c) (i32.const 0xA0)))
        (then (return (i32.const 0))))
      (local.set $p (i32.add (local.get $p) (i32.const 3)))
      (local.set $left (i32.sub (local.get $left) (i32.const 3)))
      (br $next)))
    (if (i32.lt_u (local.get $left) (i32.const 4)) (then (return (i32.const 0))))
    (if (i32.eqz (call $tail (i32.add (local.get $p) (i32.const 3)))) (then (return (i32.const 0))))
    (if (i32.and (i32.eq (local.get $b) (i32.const 0xF0)) (i32.lt_u (local.get $c) (i32.const 0x90)))
      (then (return (i32.const 0))))
    (if (i32.and (i32.eq (local.get $b) (i32.const 0xF4)) (i32.ge_u (local.get $c) (i32.const 0x90)))
      (then (return (i32.const 0))))
    (local.set $p (i32.add (local.get $p) (i32.const 4)))
    (local.set $left (i32.sub (local.get $left) (i32.const 4)))
    (br $next))
  (unreachable))

;; ---- the guest's imports

(func $cast_asm (param $t i32) (param $tl i32) (param $p i32) (param $l i32)
  (call $text (i32.const {contract.CAST}) (local.get $t) (local.get $tl))
  (call $text (i32.const {contract.CAST}) (local.get $p) (local.get $l))
  (call $put (i32.const {contract.CAST}) (i64.const 0) (local.get $t) (local.get $tl) (local.get $p) (local.get $l)))

(func $cast_raw_asm (param $node i32) (param $component i32) (param $p i32) (param $l i32)
  (call $text (i32.const {contract.CAST_RAW}) (local.get $p) (local.get $l))
  (call $put_raw (i32.const {contract.CAST_RAW})
    (local.get $node) (local.get $component) (local.get $p) (local.get $l)))

(func $call_asm (param $t i32) (param $tl i32) (param $p i32) (param $l i32) (param $op i32) (param $ol i32)
  (result i32)
  (call $text (i32.const {contract.CALL}) (local.get $t) (local.get $tl))
  (call $text (i32.const {contract.CALL}) (local.get $p) (local.get $l))
  (call $linked (i32.const {contract.CALL}) (local.get $t) (local.get $tl))
  (call $put (i32.const {contract.CALL}) (i64.const 0) (local.get $t) (local.get $tl) (local.get $p) (local.get $l))
  (call $answered (local.get $op) (local.get $ol)))

(func $call_raw_asm (param $node i32) (param $component i32) (param $p i32) (param $l i32)
  (param $op i32) (param $ol i32) (result i32)
  (call $text (i32.const {contract.CALL_RAW}) (local.get $p) (local.get $l))
  (call $put_raw (i32.const {contract.CALL_RAW})
    (local.get $node) (local.get $component) (local.get $p) (local.get $l))
  (call $answered (local.get $op) (local.get $ol)))

(func $answered (param $op i32) (param $ol i32) (result i32) (local $at i32) (local $length i32)
  (call $await_reply)
  (global.set $event (i32.const {INBOX}))
  (if (i32.ne (i32.load $io (i32.const {INBOX})) (i32.const {contract.REPLY_CODES["reply"]}))
    (then (return (i32.load $io (i32.const {INBOX})))))
  (local.set $length (i32.load $io offset={_FIRST} (i32.const {INBOX})))
  (local.set $at (call $take (i32.const 0) (local.get $length)))
  (i32.store $guest align=1 (local.get $op) (local.get $at))
  (i64.store $guest align=1 (local.get $ol) (i64.extend_i32_u (local.get $length)))  ;; 64 bits, as the platform does
  (i32.const {contract.REPLY_CODES["reply"]}))

(func $delayed_cast_asm (param $delay i64) (param $t i32) (param $tl i32) (param $p i32) (param $l i32)
  (call $text (i32.const {contract.DELAYED}) (local.get $t) (local.get $tl))
  (call $text (i32.const {contract.DELAYED}) (local.get $p) (local.get $l))
  (call $linked (i32.const {contract.DELAYED}) (local.get $t) (local.get $tl))
  (call $put (i32.const {contract.DELAYED}) (local.get $delay)
    (local.get $t) (local.get $tl) (local.get $p) (local.get $l)))

(func $telemetry_log_asm (param $level i32) (param $t i32) (param $tl i32) (param $p i32) (param $l i32)
  (call $text (i32.const {contract.LOG}) (local.get $t) (local.get $tl))
  (call $text (i32.const {contract.LOG}) (local.get $p) (local.get $l))
  (call $put (i32.const {contract.LOG}) (i64.extend_i32_u (local.get $level))
    (local.get $t) (local.get $tl) (local.get $p) (local.get $l)))

(func $slf_asm (param $node i32) (param $component i32)
  (memory.copy $guest $io (local.get $node) (i32.const {SELF}) (i32.const {IDENTITY_SIZE}))
  (memory.copy $guest $io (local.get $component) (i32.const {SELF + 16}) (i32.const {IDENTITY_SIZE})))

(func $sync_asm (param $p i32) (param $l i32)
  (call $text (i32.const {contract.SYNC}) (local.get $p) (local.get $l))
  (call $put (i32.const {contract.SYNC}) (i64.const 0) (local.get $p) (local.get $l) (i32.const 0) (i32.const 0)))

;; ---- delivering events, in the platform's order of allocations

(func $take (param $offset i32) (param $length i32) (result i32)  ;; from the inbox into the guest
  (local $at i32) (local $from i64)
  (local.set $at (call $edgeless_mem_alloc (local.get $length)))
  (if (i32.and (i32.eqz (local.get $at)) (i32.ne (local.get $length) (i32.const 0)))
    (then (call $refuse (i32.const 0) (i32.const 0) (i32.const 0))))  ;; the guest is out of memory
  (local.set $from (i64.add
    (i64.extend_i32_u (i32.add (global.get $event) (i32.const {EVENT.size}))) (i64.extend_i32_u (local.get $offset))))
  (if (i64.gt_u
        (i64.add (local.get $from) (i64.extend_i32_u (local.get $length))) (i64.const {INBOX + INBOX_SIZE}))
    (then (call $fetch (local.get $at) (local.get $offset) (local.get $length)))
    (else (memory.copy $guest $io (local.get $at) (i32.wrap_i64 (local.get $from)) (local.get $length))))
  (local.get $at))

(func $give_back (param $at i32) (param $length i32)
  (if (local.get $length) (then (call $edgeless_mem_free (local.get $at) (local.get $length)))))

(func $identity (param $from i32) (result i32) (local $at i32)
  (local.set $at (call $edgeless_mem_alloc (i32.const {IDENTITY_SIZE})))
  (memory.copy $guest $io (local.get $at) (local.get $from) (i32.const {IDENTITY_SIZE}))
  (local.get $at))

(func $start_once  ;; what the platform runs when it instantiates the guest
  (if (global.get $started) (then (return)))
  (global.set $started (i32.const 1))
  (i32.store $io (i32.const {STARTING}) (i32.const 1))
  (call $start)
  (i32.store $io (i32.const {STARTING}) (i32.const 0)))

(func $start_up
  (call $start_once)
  (call $done (i32.const 0)))

(func $init (local $p i32) (local $l i32) (local $s i32) (local $sl i32)
  (call $start_once)
  (if (i32.and (i32.load $io offset={_PRESENT} (global.get $event)) (i32.const 1)) (then
    (local.set $l (i32.load $io offset={_FIRST} (global.get $event)))
    (local.set $p (call $take (i32.const 0) (local.get $l)))))
  (if (i32.and (i32.load $io offset={_PRESENT} (global.get $event)) (i32.const 2)) (then
    (local.set $sl (i32.load $io offset={_SECOND} (global.get $event)))
    (local.set $s (call $take (local.get $l) (local.get $sl)))))
  (call $handle_init_asm (local.get $p) (local.get $l) (local.get $s) (local.get $sl))
  (call $give_back (local.get $p) (local.get $l))
  (call $give_back (local.get $s) (local.get $sl))
  (call $done (i32.const 0)))

(func $cast (local $node i32) (local $component i32) (local $p i32) (local $l i32)
  (call $edgeless_mem_clear)
  (local.set $l (i32.load $io offset={_FIRST} (global.get $event)))
  (local.set $component (call $identity (i32.add (global.get $event) (i32.const {_COMPONENT}))))
  (local.set $node (call $identity (i32.add (global.get $event) (i32.const {_NODE}))))
  (local.set $p (call $take (i32.const 0) (local.get $l)))
  (call $handle_cast_asm (local.get $node) (local.get $component) (local.get $p) (local.get $l))
  (call $edgeless_mem_free (local.get $component) (i32.const {IDENTITY_SIZE}))
  (call $edgeless_mem_free (local.get $node) (i32.const {IDENTITY_SIZE}))
  (call $give_back (local.get $p) (local.get $l))
  (call $done (i32.const 0)))

(func $call (local $node i32) (local $component i32) (local $p i32) (local $l i32) (local $op i32) (local $ol i32)
  (local $code i32) (local $at i32) (local $length i32)
  (call $edgeless_mem_clear)
  (local.set $l (i32.load $io offset={_FIRST} (global.get $event)))
  (local.set $component (call $identity (i32.add (global.get $event) (i32.const {_COMPONENT}))))
  (local.set $node (call $identity (i32.add (global.get $event) (i32.const {_NODE}))))
  (local.set $p (call $take (i32.const 0) (local.get $l)))
  (local.set $op (call $edgeless_mem_alloc (i32.const 4)))
  (local.set $ol (call $edgeless_mem_alloc (i32.const 4)))
  (local.set $code (call $handle_call_asm
    (local.get $node) (local.get $component) (local.get $p) (local.get $l) (local.get $op) (local.get $ol)))
  (if (i32.eq (local.get $code) (i32.const {contract.REPLY_CODES["reply"]}))
    (then
      (local.set $at (i32.load $guest align=1 (local.get $op)))
      (local.set $length (i32.load $guest align=1 (local.get $ol)))
      (call $put (i32.const {contract.REPLY}) (i64.const 0) (i32.const 0) (i32.const 0)
        (local.get $at) (local.get $length))
      (if (i32.and (i32.load $io (i32.const {WATCH})) (i32.ne (local.get $length) (i32.const 0)))
        (then (call $replied (local.get $at) (local.get $length) (local.get $component))))))
  (call $edgeless_mem_free (local.get $component) (i32.const {IDENTITY_SIZE}))
  (call $edgeless_mem_free (local.get $node) (i32.const {IDENTITY_SIZE}))
  (call $edgeless_mem_free (local.get $op) (i32.const 4))
  (call $edgeless_mem_free (local.get $ol) (i32.const 4))
  (call $give_back (local.get $p) (local.get $l))
  (call $done (local.get $code)))

(func $meet (param $p i32) (param $l i32) (param $q i32) (param $m i32) (result i32)  ;; have the two a byte in common?
  (i32.or
    (i32.lt_u (i32.sub (local.get $p) (local.get $q)) (local.get $m))
    (i32.lt_u (i32.sub (local.get $q) (local.get $p)) (local.get $l))))

(func $ask (local $at i32) (local $length i32) (local $used i32)
  (local $p i32) (local $pages i32) (local $asks i32) (local $told i32)
  ;; does the guest, asked again and again, give room away that lies in these bytes, and none that is in use?
  (local.set $at (i32.load $io offset={_FIRST} (global.get $event)))
  (local.set $length (i32.load $io offset={_SECOND} (global.get $event)))
  (local.set $used (i32.load $io offset={_PRESENT} (global.get $event)))
  (local.set $pages (memory.size $guest))
  (loop $again
    (local.set $p (call $edgeless_mem_alloc (local.get $length)))
    (if (i32.eqz (local.get $p)) (then (call $done (i32.const 0)) (return)))
    (if (call $meet (local.get $p) (local.get $length) (local.get $used) (i32.const {IDENTITY_SIZE}))
      (then (call $done (i32.const 1)) (return)))
    (if (i32.and
          (i32.eqz (local.get $told))
          (call $meet (local.get $p) (local.get $length) (local.get $at) (local.get $length)))
      (then
        (local.set $told (i32.const 1))
        (call $put (i32.const {contract.GIVEN_AWAY}) (i64.const 0)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
    (local.set $asks (i32.add (local.get $asks) (i32.const 1)))
    (br_if $again (i32.and  ;; what is new in its memory cannot be what was freed
      (i32.lt_u (local.get $asks) (i32.const {ASKS}))
      (i32.eq (memory.size $guest) (local.get $pages)))))
  (call $done (i32.const 0)))

(func $stop
  (call $edgeless_mem_clear)
  (call $handle_stop_asm)
  (call $done (i32.const 0)))

(func $done (param $code i32)
  (call $put (i32.const {contract.DONE}) (i64.extend_i32_u (local.get $code))
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))

(func $begin (local $left i32)  ;; the next event, once there is one
  (local.set $left (i32.load $io (i32.const {LEFT})))
  (if (local.get $left)
    (then (global.set $event (global.get $next)))
    (else
      (call $next_event)
      (local.set $left (i32.load $io (i32.const {LEFT})))
      (global.set $event (i32.const {INBOX}))))
  (i32.store $io (i32.const {LEFT}) (i32.sub (local.get $left) (i32.const 1)))
  (global.set $next (i32.add
    (i32.add (global.get $event) (i32.const {EVENT.size}))
    (i32.add (i32.load $io offset={_FIRST} (global.get $event)) (i32.load $io offset={_SECOND} (global.get $event))))))

(func (export "run") (local $verb i32)
  (i32.store $io (i32.const {HEAD}) (i32.const {RING}))
  (loop $forever
    (call $begin)
    (local.set $verb (i32.load $io (global.get $event)))
    (if (i32.eq (local.get $verb) (i32.const {DELIVER_CAST})) (then (call $cast) (br $forever)))
    (if (i32.eq (local.get $verb) (i32.const {DELIVER_CALL})) (then (call $call) (br $forever)))
    (if (i32.eq (local.get $verb) (i32.const {INIT})) (then (call $init) (br $forever)))
    (if (i32.eq (local.get $verb) (i32.const {STOP})) (then (call $stop) (br $forever)))
    (if (i32.eq (local.get $verb) (i32.const {START_UP})) (then (call $start_up) (br $forever)))
    (if (i32.eq (local.get $verb) (i32.const {ASK})) (then (call $ask) (br $forever)))
    (unreachable))))
"""
