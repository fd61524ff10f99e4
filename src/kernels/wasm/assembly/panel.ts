/**
 * Bytes from one row of a panel to the next: 4 KiB of a row at a time, and a cache line more, since rows exactly
 * 4 KiB apart would all want the same places of the first-level cache. Equal to PANEL_STRIDE in ../matrix.ts.
 */
export const PANEL_STRIDE: usize = 4096 + 64;
