// The last lines of a run: how many, how long, which took longest. A test that did not run is a failure.

import type { FullConfig, FullResult, Reporter, Suite, TestCase } from '@playwright/test/reporter';

export default class Summary implements Reporter {
  private suite: Suite | undefined;

  onBegin(_config: FullConfig, suite: Suite): void {
    this.suite = suite;
  }

  async onEnd(result: FullResult): Promise<{ status?: FullResult['status'] }> {
    const tests = this.suite?.allTests() ?? [];
    const passed = tests.filter((test) => test.outcome() === 'expected' && test.expectedStatus === 'passed');
    const took = (test: TestCase) => test.results.reduce((sum, one) => sum + one.duration, 0);
    const slowest = [...tests].sort((a, b) => took(b) - took(a)).slice(0, 3);
    console.log(`\nbrowser tests: ${passed.length} of ${tests.length} passed in ${seconds(result.duration)}`);
    console.log(`slowest: ${slowest.map((test) => `${test.title} (${seconds(took(test))})`).join(', ')}`);
    return passed.length === tests.length && tests.length > 0 ? {} : { status: 'failed' };
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
