#!/usr/bin/env bash
# Sequential and permuted MNIST, 784 steps of one pixel, on a time budget: some four minutes a run on two quiet cores.
# Usage: Benchmarks/sequential_mnist.sh MNIST-FOLDER OUTPUT-FOLDER
set -euo pipefail
data=$1
output=$2
recurrent="$(swift build -c release --show-bin-path)/recurrent"

run() {
  "$recurrent" train mnist --data-dir "$data" --hidden-size 128 --batch-size 50 --clip-norm 1 --schedule cosine \
    --epochs 10 --validation-every 250 --log-every 50 --seed 0 "$@"
}

for order in "--pixels" "--permute 0"; do
  name=${order#--}
  name=${name// /}
  # As many steps as each cell takes in the time.
  run $order --cell indrnn --layers 4 --initializer keras --learning-rate 0.001 --max-steps 1600 --run-dir "$output/$name-indrnn"
  run $order --cell gru --layers 1 --initializer chrono --learning-rate 0.004 --max-steps 2600 --run-dir "$output/$name-gru"
  run $order --cell lstm --layers 1 --initializer chrono --learning-rate 0.004 --max-steps 2100 --run-dir "$output/$name-lstm"
done
python3 "$(dirname "$0")/curves.py" "$output" > "$output/curves.svg"
