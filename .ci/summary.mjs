// Prints what vitest skipped, and the closing line 'N passed, N failed, N skipped'.
import { readFileSync } from 'node:fs';

const result = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const tests = result.testResults.flatMap((file) => file.assertionResults);
const count = (status) => tests.filter((test) => status.includes(test.status)).length;

for (const test of tests.filter(({ status }) => status === 'skipped' || status === 'pending')) {
  console.log(`SKIPPED: ${test.fullName}`);
}
console.log(
  `${count(['passed'])} passed, ${count(['failed'])} failed, ${count(['skipped', 'pending', 'todo'])} skipped`,
);
