library(testthat)
library(expertmix)

test_check("expertmix")
