/* One training cell in plain C: what the kernel's speed is measured against.
 *
 * The same algorithm, random words and logged metrics as src/sdposim/model, written as the
 * obvious loops over rollouts, positions and tokens with libm's functions, for
 * gcc -O3 -march=native -ffast-math: the compiler may reorder sums, fuse multiply-adds and call
 * vectorised exp, log, sin and cos. benchmarks/native.py compiles it and checks its log.
 *
 * Readings are the ones the kernel starts from: feedback clipped to [0, 1], level k of K gives
 * k / K, one hint per rollout, position and token, KL regularisation for every method.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SDPO, REINFORCE, ADV_WEIGHTED, HYBRID };
enum { BINARY, ORDINAL, CONTINUOUS, CRITIQUE };

/* benchmarks/native.py declares the same fields in the same order. */
struct cell {
    int64_t T, V, n, steps, method, feedback, levels;
    double sigma, learning_rate, alpha, threshold, beta, tau, epsilon, kl_weight, hint_sd;
    const double *q, *b;                    /* (T, V), (V, V) */
    const int64_t *target;                  /* (T,) */
    const uint64_t *rollout_key, *noise_key, *hint_key; /* start and gamma of SplitMix64 */
};

struct work {
    double *pi, *reference, *advantage, *direction, *sparse; /* (T, V) */
    double *teacher, *hints;                                 /* (V, lanes); hints become q - h */
    double *log_normaliser;                                  /* (T,) */
    double *uniform, *reward, *noise, *f, *weight, *credit, *total, *guided; /* (lanes,) */
    double *cumulative;                                      /* (V,) */
    int64_t *tokens;                                         /* (n, T) */
};

/* Room for a number per rollout or per level of feedback. */
static int64_t lanes(const struct cell *c) { return c->n > c->levels ? c->n : c->levels; }

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void uniforms(const uint64_t *key, uint64_t first, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++)
        out[i] = (double)(int64_t)(mix(key[0] + (first + i + 1) * key[1]) >> 12) * 0x1p-52;
}

/* Box and Muller's pair from each word: its upper half gives the radius, its lower the angle. */
static void normals(const uint64_t *key, uint64_t first, int64_t count, double *out) {
    int64_t half = (count + 1) / 2, rest = count - half;
    double radius[half], angle[half];
    for (int64_t i = 0; i < half; i++) {
        uint64_t word = mix(key[0] + (first + i + 1) * key[1]);
        radius[i] = ((double)(int64_t)(word >> 32) + 0.5) * 0x1p-32;
        angle[i] = (double)(int64_t)(word & 0xFFFFFFFFu) * (0x1p-31 * M_PI);
    }
    for (int64_t i = 0; i < half; i++) radius[i] = sqrt(-2.0 * log(radius[i]));
    for (int64_t i = 0; i < half; i++) out[i] = radius[i] * cos(angle[i]);
    for (int64_t i = 0; i < rest; i++) out[half + i] = radius[i] * sin(angle[i]);
}

static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static void softmax(const struct cell *c, const double *logits, double *pi, double *normaliser) {
    for (int64_t t = 0; t < c->T; t++) {
        const double *l = logits + t * c->V;
        double *p = pi + t * c->V, top = l[0], total = 0.0;
        for (int64_t v = 1; v < c->V; v++) top = l[v] > top ? l[v] : top;
        for (int64_t v = 0; v < c->V; v++) total += p[v] = exp(l[v] - top);
        for (int64_t v = 0; v < c->V; v++) p[v] /= total;
        normaliser[t] = top + log(total);
    }
}

/* Counting instead of searching: no branch to mispredict. */
static void sample(const struct cell *c, struct work *w, int64_t step) {
    for (int64_t t = 0; t < c->T; t++) {
        double total = 0.0;
        for (int64_t v = 0; v < c->V; v++) w->cumulative[v] = total += w->pi[t * c->V + v];
        uniforms(c->rollout_key, (uint64_t)(step * c->T + t) * c->n, c->n, w->uniform);
        for (int64_t i = 0; i < c->n; i++) {
            int64_t token = 0;
            for (int64_t v = 0; v < c->V - 1; v++) token += w->uniform[i] >= w->cumulative[v];
            w->tokens[i * c->T + t] = token;
        }
    }
}

static double rewards(const struct cell *c, struct work *w) {
    double mean = 0.0;
    for (int64_t i = 0; i < c->n; i++) {
        const int64_t *s = w->tokens + i * c->T;
        double total = 0.0;
        for (int64_t t = 0; t < c->T; t++) {
            total += c->q[t * c->V + s[t]] + (s[t] == c->target[t] ? c->alpha : 0.0);
            if (t > 0) total += c->b[s[t - 1] * c->V + s[t]];
        }
        w->reward[i] = total / c->T;
    }
    for (int64_t i = 0; i < c->n; i++) mean += w->reward[i] = sigmoid(w->reward[i]);
    return mean / c->n;
}

/* The distinct feedback values and how many rollouts have each: they share one teacher. */
static int64_t feedback(const struct cell *c, struct work *w) {
    int64_t count = c->feedback == BINARY ? 2 : c->feedback == ORDINAL ? c->levels : c->n;
    if (c->feedback == BINARY || c->feedback == ORDINAL)
        for (int64_t i = 0; i < count; i++) {
            w->weight[i] = 0.0;
            w->f[i] = c->feedback == BINARY ? (double)i : (i + 1.0) / c->levels;
        }
    else
        for (int64_t i = 0; i < count; i++) w->weight[i] = 1.0;
    for (int64_t i = 0; i < c->n; i++) {
        double observed = w->reward[i] + w->noise[i];
        double clipped = observed < 0.0 ? 0.0 : observed > 1.0 ? 1.0 : observed;
        if (c->feedback == BINARY) {
            w->weight[observed > c->threshold] += 1.0;
        } else if (c->feedback == ORDINAL) {
            int64_t level = (int64_t)(clipped * c->levels);
            w->weight[level < c->levels ? level : c->levels - 1] += 1.0;
        } else {
            w->f[i] = clipped;
        }
    }
    return count;
}

/* Each rollout's own hints at one position, and q - h: guidance (V, stride). */
static void critique(const struct cell *c, struct work *w, int64_t position, const double *q,
                     int64_t stride) {
    for (int64_t v = 0; v < c->V; v++) {
        double *hint = w->hints + v * stride;
        normals(c->hint_key, (uint64_t)(position * c->V + v) * ((c->n + 1) / 2), c->n, hint);
        for (int64_t i = 0; i < c->n; i++) hint[i] = q[v] - c->hint_sd * hint[i];
    }
}

/* Equation 2 at one position: pi exp(beta f g), its sum over tokens, and the sum weighted by g. */
static void teachers(const struct cell *c, struct work *w, const double *q, const double *pi,
                     int64_t count, int64_t stride) {
    for (int64_t i = 0; i < count; i++) w->total[i] = w->guided[i] = 0.0;
    for (int64_t v = 0; v < c->V; v++) {
        double *teacher = w->teacher + v * stride, *hint = w->hints + v * stride;
        if (c->feedback == CRITIQUE)
            for (int64_t i = 0; i < count; i++) {
                teacher[i] = pi[v] * exp(c->beta * w->f[i] * hint[i]);
                w->total[i] += teacher[i];
                w->guided[i] += teacher[i] * hint[i];
            }
        else
            for (int64_t i = 0; i < count; i++) {
                teacher[i] = pi[v] * exp(c->beta * w->f[i] * q[v]);
                w->total[i] += teacher[i];
                w->guided[i] += teacher[i] * q[v];
            }
    }
}

/* Equation 3 and the mean KL(teacher || student). */
static double sdpo(const struct cell *c, struct work *w, int64_t step) {
    int64_t count = feedback(c, w), V = c->V, stride = lanes(c);
    double divergence = 0.0;
    for (int64_t t = 0; t < c->T; t++) {
        const double *q = c->q + t * V, *pi = w->pi + t * V;
        double *out = w->direction + t * V;
        if (c->feedback == CRITIQUE) critique(c, w, step * c->T + t, q, stride);
        teachers(c, w, q, pi, count, stride);
        for (int64_t i = 0; i < count; i++) {
            double expected = w->guided[i] / w->total[i];
            divergence += w->weight[i] * (c->beta * w->f[i] * expected - log(w->total[i]));
            w->total[i] = w->weight[i] / w->total[i];
        }
        for (int64_t v = 0; v < V; v++) {
            double sum = 0.0;
            for (int64_t i = 0; i < count; i++) sum += w->total[i] * w->teacher[v * stride + i];
            out[v] = sum / c->n - pi[v];
        }
    }
    return divergence / (c->n * c->T);
}

/* Equations 4 and 5: the score weighted by the advantage, and by each token's share of credit. */
static void score(const struct cell *c, struct work *w, double mean, int credited, double *out) {
    memset(out, 0, c->T * c->V * sizeof(double));
    for (int64_t i = 0; i < c->n; i++) {
        const int64_t *s = w->tokens + i * c->T;
        double spread = 0.0;
        w->credit[i] = w->reward[i] - mean;
        for (int64_t t = 0; credited && t < c->T; t++) spread += fabs(w->advantage[t * c->V + s[t]]);
        if (credited) w->credit[i] /= spread + c->epsilon;
    }
    for (int64_t t = 0; t < c->T; t++) {
        double total = 0.0;
        for (int64_t i = 0; i < c->n; i++) {
            int64_t place = t * c->V + w->tokens[i * c->T + t];
            double credit = w->credit[i] * (credited ? w->advantage[place] : 1.0);
            out[place] += credit;
            total += credit;
        }
        for (int64_t v = t * c->V; v < (t + 1) * c->V; v++)
            out[v] = (out[v] - total * w->pi[v]) / c->n;
    }
}

static double correlation(const struct cell *c, const double *x, const double *y) {
    double total = 0.0;
    for (int64_t t = 0; t < c->T; t++, x += c->V, y += c->V) {
        double mx = 0.0, my = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;
        for (int64_t v = 0; v < c->V; v++) mx += x[v], my += y[v];
        mx /= c->V;
        my /= c->V;
        for (int64_t v = 0; v < c->V; v++) {
            xx += (x[v] - mx) * (x[v] - mx);
            yy += (y[v] - my) * (y[v] - my);
            xy += (x[v] - mx) * (y[v] - my);
        }
        if (sqrt(xx) > 1e-5 && sqrt(yy) > 1e-12) total += xy / sqrt(xx * yy);
    }
    return total / c->T;
}

static double entropy(const struct cell *c, const double *logits, const struct work *w) {
    double total = 0.0;
    for (int64_t t = 0; t < c->T; t++) total += w->log_normaliser[t];
    for (int64_t k = 0; k < c->T * c->V; k++) total -= w->pi[k] * logits[k];
    return total / c->T;
}

static void true_advantages(const struct cell *c, struct work *w) {
    for (int64_t t = 0; t < c->T; t++) {
        double expected = 0.0;
        for (int64_t v = t * c->V; v < (t + 1) * c->V; v++) expected += w->pi[v] * c->q[v];
        for (int64_t v = t * c->V; v < (t + 1) * c->V; v++) w->advantage[v] = c->q[v] - expected;
    }
}

/* Fills work->direction (T, V); returns through the last two the metrics of table columns 4, 5. */
static void direction(const struct cell *c, struct work *w, int64_t step, double mean,
                      double *hybrid_weight, double *divergence) {
    if (c->method == SDPO || c->method == HYBRID) *divergence = sdpo(c, w, step);
    if (c->method == REINFORCE) score(c, w, mean, 0, w->direction);
    if (c->method == ADV_WEIGHTED) score(c, w, mean, 1, w->direction);
    if (c->method == HYBRID) {
        double a = *hybrid_weight = sigmoid((*divergence - c->tau) / (c->tau / 3.0));
        score(c, w, mean, 0, w->sparse);
        for (int64_t k = 0; k < c->T * c->V; k++)
            w->direction[k] = a * w->direction[k] + (1.0 - a) * w->sparse[k];
    }
    for (int64_t k = 0; k < c->T * c->V; k++)
        w->direction[k] -= c->kl_weight * (w->pi[k] - w->reference[k]);
}

static struct work allocate(const struct cell *c) {
    size_t table = c->T * c->V, width = lanes(c) > 2 ? lanes(c) : 2;
    struct work w = {.tokens = calloc(c->n * c->T, sizeof(int64_t))};
    double **tables[] = {&w.pi, &w.reference, &w.advantage, &w.direction, &w.sparse};
    double **vectors[] = {&w.uniform, &w.reward, &w.noise, &w.f, &w.weight, &w.credit,
                          &w.total, &w.guided};
    for (int k = 0; k < 5; k++) *tables[k] = calloc(table, sizeof(double));
    for (int k = 0; k < 8; k++) *vectors[k] = calloc(width, sizeof(double));
    w.log_normaliser = calloc(c->T, sizeof(double));
    w.cumulative = calloc(c->V, sizeof(double));
    w.teacher = calloc(c->V * width, sizeof(double));
    w.hints = calloc(c->V * width, sizeof(double));
    return w;
}

static void release(struct work *w) {
    double *all[] = {w->pi, w->reference, w->advantage, w->direction, w->sparse, w->uniform,
                     w->reward, w->noise, w->f, w->weight, w->credit, w->log_normaliser,
                     w->cumulative, w->teacher, w->hints, w->total, w->guided};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
    free(w->tokens);
}

/* Trains logits (T, V) in place and writes log (steps, 5): reward, entropy, credit correlation,
 * hybrid weight, teacher-student KL; the caller fills log with NaN for what a method lacks. */
void train_cell(const struct cell *c, double *logits, double *log) {
    struct work w = allocate(c);
    softmax(c, logits, w.reference, w.log_normaliser);
    for (int64_t step = 0; step < c->steps; step++, log += 5) {
        softmax(c, logits, w.pi, w.log_normaliser);
        true_advantages(c, &w);
        sample(c, &w, step);
        log[0] = rewards(c, &w);
        if (c->sigma > 0.0) {
            normals(c->noise_key, (uint64_t)step * ((c->n + 1) / 2), c->n, w.noise);
            for (int64_t i = 0; i < c->n; i++) w.noise[i] *= c->sigma;
        }
        direction(c, &w, step, log[0], log + 3, log + 4);
        log[1] = entropy(c, logits, &w);
        log[2] = correlation(c, w.direction, w.advantage);
        for (int64_t k = 0; k < c->T * c->V; k++) logits[k] += c->learning_rate * w.direction[k];
    }
    release(&w);
}
