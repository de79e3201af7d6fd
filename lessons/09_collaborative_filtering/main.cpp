// SPDX-License-Identifier: MIT
// Lesson 9: who will like what? Collaborative filtering from a crosstab and random numbers.
#include "fastcore/basics/external.h"
#include "fastcore/collab/collab.h"
#include "fastcore/learn/learn.h"
#include "fastcore/learn/run_report.h"
#include "fastcore/report/lesson.h"
#include "lessons/09_collaborative_filtering/models.h"
#include "lessons/09_collaborative_filtering/ratings.h"
#include "lessons/09_collaborative_filtering/show.h"
#include "minitorch/minitorch.h"

// --- by hand -------------------------------------------------------------------------------------------

static void by_hand(Lesson& lesson, const DataFrame& ratings) {
  lesson.section("If we knew what films are about");
  //! [known]
  // How much science fiction, action, old film there is in it, or they like.
  const Tensor last_skywalker = tensor({0.98, 0.9, -0.9}), casablanca = tensor({-0.99, -0.3, 0.8});
  const Tensor user1 = tensor({0.9, 0.8, -0.6});
  lesson.print("The Last Skywalker  %5.2f\n", (user1 * last_skywalker).sum().item());
  lesson.print("Casablanca          %5.2f\n", (user1 * casablanca).sum().item());
  //! [known]

  lesson.section("A crosstab");
  //! [crosstab]
  const auto users = most_frequent(ratings["user"], 10, 10);
  const auto films = most_frequent(ratings["title"], 12, 8);
  const auto few = ratings[ratings["user"].isin(users) & ratings["title"].isin(films)];
  const auto table = crosstab(few["title"], few["user"], few["rating"]);
  const Tensor stars = table.tensor();  // (12, 10), NaN where there is no rating
  //! [crosstab]
  show(lesson, table, stars);

  lesson.section("Random factors, and gradient descent");
  //! [factors]
  Tensor film_factors = (randn({stars.size(0), 5}) * 0.5).requires_grad_();
  Tensor user_factors = (randn({stars.size(1), 5}) * 0.5).requires_grad_();
  const Tensor known = stars == stars;  // NaN equals nothing, not even itself
  for (int64_t step = 0; step <= 2000; ++step) {
    const Tensor predicted = matmul(film_factors, user_factors.t());  // (12, 10)
    const Tensor loss = mean(square(predicted(known) - stars(known)));
    if (step % 400 == 0) lesson.log(step, {{"loss", loss}});
    loss.backward();
    NoGrad no_grad;
    for (const Tensor& factors : {film_factors, user_factors}) {
      factors.sub_(factors.grad() * 0.1);
      factors.zero_grad();
    }
  }
  //! [factors]
  show(lesson, table, matmul(film_factors, user_factors.t()).detach());
}

static void embeddings(Lesson& lesson) {
  lesson.section("A product with a one-hot vector is a look-up");
  //! [one_hot]
  const Tensor user_factors = randn({5, 3});
  const Tensor one_hot_3 = one_hot(tensor(3), 5).to(kFloat32);
  lesson.print("one_hot_3               %s\n", to_string(one_hot_3).c_str());
  lesson.print("user_factors.t() @ it   %s\n", to_string(matmul(user_factors.t(), one_hot_3)).c_str());
  lesson.print("user_factors(3)         %s\n", to_string(user_factors(3)).c_str());
  //! [one_hot]
}

// --- models --------------------------------------------------------------------------------------------

static CollabDataLoaders baselines(Lesson& lesson, const DataFrame& ratings) {
  lesson.section("Guesses without training");
  //! [dls]
  const auto dls = CollabDataLoaders::from_df(ratings, {.seed = 42, .bs = lesson.bs(64)});
  //! [dls]
  //! [baselines]
  const DataFrame trn = tabular_rows(dls.train()).items(), val = tabular_rows(dls.valid()).items();
  const double mean = trn["rating"].mean();
  const Effects film(trn["title"], trn["rating"] - mean);
  const Effects user(trn["user"], trn["rating"] - mean - film(trn["title"]));
  auto error = [](const Series& difference) { return (difference * difference).mean(); };
  const Series by_film = film(val["title"]) + mean, by_both = by_film + user(val["user"]);
  lesson.print("always the mean      %.3f\n", error(val["rating"] - mean));
  lesson.print("the film's           %.3f\n", error(val["rating"] - by_film));
  lesson.print("the film's and yours %.3f\n", error(val["rating"] - by_both));
  //! [baselines]
  return dls;
}

static void compare_models(Lesson& lesson, const CollabDataLoaders& dls, YRange y_range) {
  lesson.section("From a product to a net");
  const auto& classes = dls.prep().classes();
  const auto n_users = int64_t(classes.at("user").size()), n_movies = int64_t(classes.at("title").size());
  const int64_t n_factors = 50, epochs = lesson.epochs(5, 5);
  const int64_t seed = lesson.options().seed;
  TableRows rows;
  //! [compare]
  auto compare = [&](const char* name, double wd, auto make_learner) {
    set_seed(seed);
    Learner learn = compared(lesson, name, make_learner());
    learn.fit_one_cycle(epochs, 5e-3, {.wd = wd});
    rows.push_back(by_epoch({name, format("%g", wd)}, *learn.recorder));
  };
  auto learner = [&](nn::ModulePtr model) { return Learner(dls, model, {.loss_func = MSELossFlat{}}); };
  auto biased = [&] { return learner(nn::make<DotProductBias>(n_users, n_movies, n_factors, y_range)); };
  const auto embs = get_emb_sz(dls.prep());
  compare("dot product", 0, [&] { return learner(nn::make<DotProduct>(n_users, n_movies, n_factors)); });
  compare("+ y_range", 0,
          [&] { return learner(nn::make<DotProductRange>(n_users, n_movies, n_factors, y_range)); });
  compare("+ biases", 0, biased);
  compare("+ weight decay", 0.1, biased);
  compare("own parameters", 0.1,
          [&] { return learner(nn::make<OwnParameters>(n_users, n_movies, n_factors, y_range)); });
  compare("net", 0.01, [&] { return learner(nn::make<CollabNN>(embs[0], embs[1], y_range)); });
  compare("collab_learner", 0.1, [&] { return collab_learner(dls, {.y_range = y_range}); });
  compare("the same, use_nn", 0.1, [&] {
    return collab_learner(dls, {.use_nn = true, .layers = {100, 50}, .y_range = y_range});
  });
  //! [compare]
  lesson.table(header_by_epoch({"model", "wd", "train"}, epochs), rows);
}

static void weight_decay(Lesson& lesson, const CollabDataLoaders& dls, YRange y_range) {
  lesson.section("Weight decay over four times as many epochs");
  const int64_t seed = lesson.options().seed;
  TableRows rows;
  //! [decay]
  for (double wd : {0., 0.1, 0.3, 1., 3.}) {
    set_seed(seed);
    const std::string name = format("weight decay %g", wd);
    auto learn = compared(lesson, name, collab_learner(dls, {.y_range = y_range}));
    learn.fit_one_cycle(20, 5e-3, {.wd = wd});
    rows.push_back(at_the_end({format("%g", wd)}, *learn.recorder));
  }
  //! [decay]
  lesson.table({"weight decay", "train", "valid"}, rows);
}

// --- what it has learned -------------------------------------------------------------------------------

static Learner with_the_library(Lesson& lesson, const CollabDataLoaders& dls, YRange y_range) {
  lesson.section("collab_learner");
  set_seed(lesson.options().seed);
  const int64_t epochs = lesson.epochs(5, 5);
  //! [collab]
  auto learn = collab_learner(dls, {.y_range = y_range, .cbs = RunReport(lesson)});
  learn.fit_one_cycle(epochs, 5e-3, {.wd = 0.1});
  //! [collab]
  lesson.metric("squared error of ratings", *learn.recorder->latest("valid_loss"));
  return learn;
}

static void look_inside(Lesson& lesson, const Learner& learn, const DataFrame& ratings) {
  lesson.section("What the numbers mean");
  //! [biases]
  print(lesson, "lowest bias:", least_liked(learn, 5));
  print(lesson, "highest bias:", most_liked(learn, 5));
  //! [biases]
  //! [nearest]
  const std::string film = title_or_most_rated(ratings["title"], "Silence of the Lambs");
  print(lesson, ("nearest to " + film + ":").c_str(), nearest_items(learn, film, 3));
  //! [nearest]
  //! [pca]
  Words films;
  for (const Cell& title : most_frequent(ratings["title"], 50)) films.push_back(title.text());
  lesson.figure("films", plot_factors(learn, films, 0, 2),
                "The fifty most rated films on two principal axes.");
  //! [pca]
}

static DataFrame your_stars(const Lesson& lesson, const Series& titles) {
  to_csv(DataFrame{{"title", titles.sort_values()}}, lesson.folder() / "titles.csv");
  const std::string& file = lesson.option("stars");
  return file.empty() ? known_example(titles) : read_stars(file, titles);
}

static void your_films(Lesson& lesson, const DataFrame& ratings, DataFrame stars, YRange y_range) {
  lesson.section("Ten films for you");
  const int64_t seed = lesson.options().seed;
  const Series titles = ratings["title"].unique();
  if (stars.empty())
    return lesson.print("none of the example's films is here; --stars FILE takes your own\n");
  //! [you]
  const auto films_for = [&](const std::string& whom) {
    set_seed(seed);
    const Cell you = new_user(ratings["user"]);
    const DataFrame all_ratings = concat({ratings, ratings_of(you, stars, titles)});
    const auto dls = CollabDataLoaders::from_df(all_ratings, {.valid_pct = 0, .bs = lesson.bs(64)});
    auto learn = compared(lesson, "films for " + whom, collab_learner(dls, {.y_range = y_range}));
    learn.fit_one_cycle(20, 5e-3, {.wd = 1});
    print(lesson, ("for " + whom + ":").c_str(), recommend(learn, you, 10));
  };
  films_for("you");
  stars["stars"] = 5.5 - stars["stars"];  // five stars become half a one, and the other way round
  films_for("somebody of the opposite taste");
  //! [you]
}

static void films(Lesson& lesson) {
  const bool course = lesson.options().data == "course";
  const DataFrame ratings = read_ratings(lesson.data(course ? urls::ML_100k : urls::ML_SAMPLE));
  lesson.print("%d ratings of %d films by %d users\n", int(ratings.rows()), int(ratings["title"].nunique()),
               int(ratings["user"].nunique()));
  const DataFrame stars =
      your_stars(lesson, ratings["title"].unique());  // wrong ones are told before the work
  by_hand(lesson, ratings);
  embeddings(lesson);
  const YRange y_range{course ? 0 : 0.5, 5.5};
  const auto dls = baselines(lesson, ratings);
  compare_models(lesson, dls, y_range);
  weight_decay(lesson, dls, y_range);
  look_inside(lesson, with_the_library(lesson, dls, y_range), ratings);
  your_films(lesson, ratings, stars, y_range);
}

int main(int argc, char** argv) {
  return run_lesson({.name = "09_collaborative_filtering",
                     .title = "Lesson 9: collaborative filtering",
                     .options = {{"stars", "a file of titles and stars: your own ratings"}}},
                    argc, argv, films);
}
