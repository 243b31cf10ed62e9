// What every JavaScript program of these folders speaks; contract.py describes it.

export const [bootstrap, prefix] = process.argv.slice(2)
export const records = 1000
export const createdRetention = '86400000'
export const alteredRetention = '3600000'
const settleMsMax = 10_000

export const key = index => `key-${String(index).padStart(4, '0')}`
export const value = index => `value-${String(index).padStart(4, '0')}-${'x'.repeat(index % 100)}`
export const headers = index => ({ index: String(index), kind: 'interop' })

export function require (condition, why) {
  if (!condition) throw new Error(why)
}

// Waits for what a broker may learn a moment after the controller has answered, as Apache's does.
export async function until (look, wanted, what) {
  const deadline = Date.now() + settleMsMax
  for (;;) {
    let found
    try {
      found = await look()
    } catch (problem) {
      found = problem.message
    }
    if (found === wanted) return
    require(Date.now() < deadline, `${what}: ${found} instead of ${wanted}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

export function say (cell, ok, detail, variants = []) {
  console.log(JSON.stringify({ cell, ok, detail, variants }))
}

// `work` resolves to [detail, variants].
export async function run (cell, work) {
  try {
    say(cell, true, ...await work())
  } catch (problem) {
    const causes = (problem.errors ?? []).map(each => each.message).join('; ')
    say(cell, false, `${problem.name}: ${problem.message} ${causes}`.slice(0, 600))
  }
}
