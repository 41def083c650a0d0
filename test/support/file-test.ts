import { fileTest } from './worker.ts'

/** What `import t from 'tap'` gives a test file here: the test that stands for this file. Loaded once per file. */
export default fileTest
