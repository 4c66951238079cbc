#pragma once

/// Runs the registered benchmarks on one core, each several times and in random order, so that
/// whatever else the machine does falls on all of them. Arguments are Google Benchmark's and win
/// over these defaults. Returns the exit status.
int measure(int argc, char** argv);
