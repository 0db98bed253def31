/* SPDX-License-Identifier: MIT
 *
 * normal.h - the normal and Student's distribution: share below a value, and the value below which a share lies.
 */
#ifndef HY_NORMAL_H
#define HY_NORMAL_H

double hy_normal_below(double z);
/* share above 0 and below 1 */
double hy_normal_quantile(double share);

double hy_student_below(double t, unsigned freedom);
double hy_student_quantile(double share, unsigned freedom);

#endif
