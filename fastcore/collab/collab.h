// SPDX-License-Identifier: MIT
// Collaborative filtering: who will like what, from who liked what.
//
//     auto dls = CollabDataLoaders::from_csv(path / "ratings.csv");
//     auto learn = collab_learner(dls, {.y_range = {0.5, 5.5}});
//     learn.fine_tune(10);
//     print(recommend(learn, 598, 5));
#pragma once
#include "fastcore/collab/dataloaders.h"
#include "fastcore/collab/factors.h"
#include "fastcore/collab/learner.h"
#include "fastcore/collab/model.h"
#include "fastcore/collab/pca.h"
