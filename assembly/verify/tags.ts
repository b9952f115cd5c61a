// Looks at what is recorded of invalidated tags, without a lock as there is none. Invariants 701 and 702.

import { CONTROL_HARD_EPOCH, CONTROL_PTR, CONTROL_SOFT_EPOCH } from '../constants'
import { tagMask } from '../env'
import { Control } from '../struct/control'
import { SoftTags } from '../sync/soft-tags'
import { Tags } from '../sync/tags'
import { Problems } from './problems'

export class VerifyTags {
  static all(): void {
    for (let index: u32 = 0; index <= tagMask; index++) {
      const hard = Tags.bucketAt(index)
      const soft = SoftTags.bucketAt(index)
      // Order: what is raised first is read last.
      const hardEpoch = Tags.latestIn(hard)
      const softEpoch = Tags.latestIn(soft)
      Problems.check(!Control.isAfter(hardEpoch, Control.hardEpoch()), 701, hard)
      Problems.check(!Control.isAfter(softEpoch, Control.softEpoch()), 701, soft)
      Problems.check(SoftTags.hasTimes(soft), 702, soft)
    }
    VerifyTags.epoch(Control.hardEpoch(), CONTROL_HARD_EPOCH)
    VerifyTags.epoch(Control.softEpoch(), CONTROL_SOFT_EPOCH)
  }

  private static epoch(epoch: u32, field: u32): void {
    Problems.check(!Control.isAfter(epoch, Control.tagEpoch()), 701, CONTROL_PTR + field)
  }
}
