#include "measure.h"

#include <benchmark/benchmark.h>
#include <sched.h>

#include <vector>

int measure(int argc, char** argv) {
  if (const int here = sched_getcpu(); here >= 0) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(here), &one);
    sched_setaffinity(0, sizeof one, &one);  // where that is forbidden the scheduler decides
  }
  char repetitions[] = "--benchmark_repetitions=5";
  char interleaving[] = "--benchmark_enable_random_interleaving=true";
  char aggregates[] = "--benchmark_report_aggregates_only=true";
  std::vector<char*> arguments = {argv[0], repetitions, interleaving, aggregates};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
