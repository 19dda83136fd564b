/**
 * Shapes: the texts of records seen before, without what differs from record to record.
 *
 * Events of one computation are the same text but for a few values. Comparing a record with a text
 * that was scanned before costs a fraction of scanning it: what is equal needs no second look, and
 * what differs stands in a *hole*, which is checked as strictly as anywhere. Two calls of one
 * audience, and the shape they share (`▢` is a hole):
 *
 * ```text
 * {"type":"track","userId":"u_1","timestamp":"2026-01-05T10:00:00Z",…,"properties":{"vip":true}}
 * {"type":"track","userId":"u_27","timestamp":"2026-01-06T08:30:00Z",…,"properties":{"vip":false}}
 * {"type":"track","userId":"▢","timestamp":"▢",…,"properties":{"vip":▢}}
 * ```
 *
 * A shape is a path in a tree: runs of equal bytes, with a hole behind each, and at its end what
 * such calls say.
 *
 * ```text
 * root ─ {"type":"track","userId":" ─▢─ ","timestamp":" ─▢─ ",…,"computation_key":"vip" … {"vip": ─▢─ }} ─ end: audience vip
 *      │                                             └────── ",…,"computation_key":"tier" … {"tier": ─▢─ }} ─ end: trait tier
 *      └ {"type":"identify","userId":" ─▢─ …
 * ```
 *
 * - **How a shape is learnt** (`ShapeTree.learn`, `findHoles`): a record that was scanned and could
 *   be resolved is cut at its holes: identifiers, times, values, and members nobody looks at. Names
 *   of members, the type and the personas block stay in the runs, so that equal runs mean an equal
 *   resolution. Runs are shared (`RunTable`).
 * - **How a record is compared** (`ShapeTree.match`, `Run.stands`): eight bytes at a time, read as
 *   doubles. From a node the way goes on to the child whose run stands there. Of many children one
 *   is found by its *probe bytes*: the eight bytes at the offset where their runs differ most. A
 *   hole is walked over by the scanner, and its place is noted for the row.
 * - **When it falls back to the scan**: no child fits; a text with an escape, since it means
 *   something else than its bytes; a hole that is no JSON; bytes beyond ASCII that are no UTF-8.
 *   Nothing is lost but time.
 * - **How it stays small** (`LearnedShapes`): so many nodes in all, so many children of one; a
 *   lesson costs as much as some thirty scans, so after the first thousand there is one for every
 *   32 records that matched. A full tree is begun anew once many records in a row were not in it.
 */
export { ShapeTree } from './shape-tree.ts'
