# R's compilers through ccache, for tools/test.sh.
CXX17 = ccache g++
CXX = ccache g++
