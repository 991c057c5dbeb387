"""What stands in the lists that stages write: kinds of pictures, the columns of every row, and samples as records."""
