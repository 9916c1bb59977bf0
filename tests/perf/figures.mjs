// What every measurement needs: order statistics, and what else the machine was doing.
import { readFileSync } from 'node:fs';
import os from 'node:os';

const kTicks = 100;  // USER_HZ

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// The value that `share` (0 to 1) of the list does not exceed.
export function percentile(list, share) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

export const median = (list) => percentile(list, 0.5);
export const rounded = (value, digits = 3) => (Number.isFinite(value) ? Number(value.toFixed(digits)) : null);

// Times in milliseconds of one run.
export const spread = (times) => ({ p50_ms: percentile(times, 0.5), p95_ms: percentile(times, 0.95), p99_ms: percentile(times, 0.99) });

// Of several runs' objects of numbers, the median of each number.
export function medians(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map((key) => [key, rounded(median(runs.map((run) => run[key])))]));
}

export function stealSeconds() {
  return Number(readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/)[8]) / kTicks;
}

export const cores = os.cpus().length;

// Called at the start; what it returns, at the end: {cores, steal_s}.
export function machine() {
  const before = stealSeconds();
  return () => ({ cores, steal_s: rounded(stealSeconds() - before, 2) });
}
