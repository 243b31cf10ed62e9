#!/usr/bin/env bash
# Are the checkers worth anything? Builds the tree with bugs on purpose (src/foundation/base/planted.h), runs seeds until
# each is caught, and prints how many it took: planted.sh [MOST_SEEDS] [JOBS] [BUG...]. Fails when one is not caught.
set -euo pipefail
cd "$(dirname "$0")/.."
most=${1:-300}
jobs=${2:-2}
build=build/planted
[ -f $build/build.ninja ] || cmake --preset release -B $build -DHIGHWATER_PLANTS=ON > /dev/null
cmake --build $build --parallel "$(nproc)" --target highwater_sim > $build/build.log 2>&1 || { tail -20 $build/build.log; exit 1; }
status=0
# Bugs of the metadata are sought where it changes.
administration=administration,recreate,configs,snapshots
metadata_bugs='metadata_answer_before_fsync metadata_shown_before_commit recreated_topic_adopts_old_log log_start_not_kept setting_without_effect snapshot_claims_too_much'
# Bugs of moves between directories.
move_bugs='moved_before_durable moved_log_left_behind moved_start_forgotten'
bugs=${*:3}
for bug in ${bugs:-ack_before_fsync lost_index_entry watermark_off_by_one duplicate_after_retry reused_buffer forgotten_wake_up $metadata_bugs $move_bugs}; do
  scenario=()
  case " $metadata_bugs " in *" $bug "*) scenario=(--scenario "$administration") ;; esac
  case "$bug" in recreated_*) scenario=(--scenario recreate) ;; esac
  case " $move_bugs " in *" $bug "*) scenario=(--scenario moves) ;; esac
  $build/bin/highwater_sim "${scenario[@]}" --plant $bug --seeds "$most" --jobs "$jobs" --until-violation > $build/$bug.txt 2>&1 || true
  # Seeds end in another order than they began: what counts is the lowest that caught it.
  seed=$( (grep -E '^seed [0-9]+ (ended|.*violations [1-9])' $build/$bug.txt | awk '{print $2}' || true) | sort -n | head -1)
  if [ -z "$seed" ]; then
    echo "planted $bug: NOT caught in $most seeds"
    status=1
  else
    first=$( (grep -m1 -E '^violation|HW_CHECK|check failed|ended with' $build/$bug.txt || true) | cut -c1-110)
    echo "planted $bug: caught with seed $seed, after $seed seeds: $first"
  fi
done
exit $status
