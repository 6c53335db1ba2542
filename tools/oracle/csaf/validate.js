// Prints one JSON object a line for each file named: whether the validator finds
// it valid by the strict schema and the mandatory tests, and what it found.
//
//   node validate.js FILE…
import { readFile } from 'node:fs/promises'
import validate from '@secvisogram/csaf-validator-lib/validate.js'
import * as basic from '@secvisogram/csaf-validator-lib/basic.js'

const tests = Object.values(basic)

for (const file of process.argv.slice(2)) {
  const answer = { file, valid: false, findings: [] }
  try {
    const result = await validate(tests, JSON.parse(await readFile(file, 'utf8')))
    answer.valid = result.isValid
    for (const test of result.tests) {
      for (const e of test.errors) {
        answer.findings.push({ rule: test.name, pointer: e.instancePath, message: e.message })
      }
    }
  } catch (e) {
    answer.findings.push({ rule: 'read', pointer: '', message: String(e) })
  }
  console.log(JSON.stringify(answer))
}
