"""Problems with worked answers: GSM8K, and MATH with the sets written in its form."""
