// CPU time of programs, from /proc.
import { readFileSync, readdirSync } from 'node:fs';

const ticks = 100; // USER_HZ on every Linux architecture
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU seconds that the processes of a group whose name begins so have taken. */
export function cpuOf(group, name) {
  let sum = 0;
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Fields from `state` on: pgrp is the third, utime the twelfth, stime the thirteenth.
      if (Number(fields[2]) === group && command.startsWith(name.slice(0, 15)))
        sum += (Number(fields[11]) + Number(fields[12])) / ticks;
    } catch { /* it ended meanwhile */ }
  }
  return sum;
}

/** CPU seconds a second that they take, over so many seconds. */
export async function cpuPerSecond(group, name, seconds) {
  const before = cpuOf(group, name);
  const start = performance.now();
  await sleep(seconds * 1000);
  return (cpuOf(group, name) - before) / ((performance.now() - start) / 1000);
}
