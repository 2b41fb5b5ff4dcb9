"""The script that reads a debugger's stacks: which functions it counts, and on which thread."""

import importlib.machinery
import importlib.util
import unittest
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "frames"

PRINT = """\
* thread #5, name = 'pool', stop reason = breakpoint 1.50
  * frame|block_6_7_avx512|product_blocks.inc|
    frame|TrainingPass.run(worker:workers:)|TrainingPass.swift|
    frame|work|pool.c|
  thread #2, name = 'main'
  * frame|block_avx512|product_blocks.inc|inlined
    frame|block_6_7_avx512|product_blocks.inc|
    frame|product_avx512|product.inc|
    frame #3: 0x00007ffff75e1788 libdispatch.so`_dispatch_sigsuspend + 24
    frame|protocol witness for ParallelWork.run(worker:workers:)|<compiler-generated>|
    frame|specialized closure #1 in ThreadPool.run<A>(_:)|ThreadPool.swift|
    frame|specialized ThreadPool.run<A>(_:)|ThreadPool.swift|
    frame|TrainingRun.train<RecurrentCommand.DigitTask>(_:by:in:)|TrainingRun.swift|
    frame|specialized TrainingCommand.train(_:)|TrainingCommand.swift|
    frame|static RootCommand.runAndExit()|RootCommand.swift|
"""


def script():
    loader = importlib.machinery.SourceFileLoader("frames", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("frames", loader))
    loader.exec_module(module)
    return module


class FrameTests(unittest.TestCase):
    def test_functions_of_ours_on_the_thread_that_trains_from_the_outermost_train_on(self):
        module = script()
        ways = [module.way(stack) for stack in module.stacks(PRINT)]
        self.assertEqual(ways[0], [], "a thread of the pool did not come from the command")
        self.assertEqual(
            ways[1],
            [
                ("TrainingCommand.train(_:)", "TrainingCommand.swift"),
                ("TrainingRun.train(_:by:in:)", "TrainingRun.swift"),
                ("ThreadPool.run(_:)", "ThreadPool.swift"),
                ("product_avx512", "product.inc"),
                ("block_6_7_avx512", "product_blocks.inc"),
            ])


if __name__ == "__main__":
    unittest.main()
