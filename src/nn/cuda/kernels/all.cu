// All kernels as one module.
#include "counts.cu"
#include "elementwise.cu"
#include "proximal.cu"
#include "random.cu"
#include "rows.cu"
#include "sparse.cu"
#include "weights.cu"
